"""The supervisor process: `python -m tradewind.runtime.supervisor_process SETTINGS`."""

import os
import signal
import sys

from tradewind.config.children import from_json
from tradewind.runtime import door
from tradewind.runtime.launch import READY, close_all_above
from tradewind.runtime.parent_death import adopt_orphans
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.reactor import Reactor
from tradewind.runtime.signals import reap, watch_signals
from tradewind.runtime.supervisor import Supervisor


def main() -> None:
    """Be the supervisor of a run folder, unless there is one."""
    settings = from_json(sys.argv[1])
    close_all_above(READY)
    if door.lock(settings.run_folder) is None:
        return
    set_process_name("supervisor")
    adopt_orphans()
    reactor = Reactor()
    listener = door.listen(settings.run_folder)
    supervisor = Supervisor(settings, reactor, listener)
    watch_signals(
        reactor,
        {
            signal.SIGCHLD: lambda: reap(supervisor.pool.reaped),
            signal.SIGTERM: lambda: supervisor.stop(kill_tasks=True),
        },
    )
    supervisor.recover()
    os.close(READY)
    while not supervisor.is_done:
        reactor.turn()
    door.close(settings.run_folder, listener)
    supervisor.close()


if __name__ == "__main__":
    main()
