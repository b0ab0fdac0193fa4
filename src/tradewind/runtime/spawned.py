"""A task process from a fresh interpreter: `python -m tradewind.runtime.spawned SETTINGS PARENT`,
with its socket as descriptor 3. For isolation `spawn`.
"""

import socket
import sys
from typing import NoReturn

from tradewind.authoring import configuration
from tradewind.config.children import from_json
from tradewind.runtime.channel import Channel
from tradewind.runtime.forked import Prepared, become_task
from tradewind.runtime.launch import CONTROL, close_all_above
from tradewind.runtime.logs import take_over_output
from tradewind.runtime.parent_death import die_with_parent
from tradewind.runtime.protocol import Begin
from tradewind.runtime.user_code import UserCode


def main() -> NoReturn:
    """Run the one attempt that the socket tells of."""
    settings = from_json(sys.argv[1])
    die_with_parent(int(sys.argv[2]))
    close_all_above(CONTROL)
    sys.argv[:] = ["tradewind"]
    configuration.use(settings)
    take_over_output(settings.logging.logging_level)
    task_socket = socket.socket(fileno=CONTROL)
    task_socket.set_inheritable(False)
    begin = Channel(task_socket).receive()
    if not isinstance(begin, Begin):
        sys.exit(1)
    become_task(Prepared.of(begin), task_socket, UserCode(settings))


if __name__ == "__main__":
    main()
