"""What the process of an attempt is told beside its order, so that it need not find it out."""

import socket
from typing import Any

from tradewind.config.settings import Settings
from tradewind.model.keys import TaskKey
from tradewind.model.log_paths import log_path
from tradewind.runtime.leftovers import mark_of
from tradewind.runtime.protocol import line_of


class Briefing:
    """Makes the Begin message of an attempt from its order."""

    def __init__(self, settings: Settings) -> None:
        self.hostname = settings.core.hostname or socket.gethostname()
        self._logs = settings.logging.base_log_folder
        self._run_folder = settings.run_folder

    def begin(self, order: dict[str, Any], journal: str) -> bytes:
        """The line of the message. `order` is an Attempt as raw data, which travels on as it is."""
        fields = {
            "attempt": order,
            "journal": journal,
            "log": str(log_path(self._logs, TaskKey(*order["key"]), order["try_number"])),
            "mark": self.mark(order["token"]),
            "hostname": self.hostname,
        }
        return line_of("Begin", fields)

    def mark(self, token: str) -> str:
        """What names an attempt in the environment of its processes."""
        return mark_of(self._run_folder, token)
