"""Tradewind, as `make setup` installed it, at default settings but for the isolation asked for."""

import re
import sys
from pathlib import Path

from benchmarks.engine import PASSWORD, Engine

BIN = Path(sys.executable).parent
_TITLE = re.compile(r"^tradewind: ([\w-]+)")
_ROLES = {
    "zygote": "zygotes",
    "task": "task processes",
    "parse": "dag-processor",
}


class Tradewind(Engine):
    """`tradewind standalone`."""

    parts = ("metadatabase", "scheduler", "dag_processor")
    children_of = {"zygotes": "task processes"}
    statement = "from tradewind import DAG"

    def __init__(
        self, database_url: str | None = None, isolation: str = "fork", folder: Path = BIN
    ) -> None:
        super().__init__(database_url)
        self._isolation = isolation
        self.folder = folder

    def command(self) -> list[str]:
        return [str(self.folder / "tradewind"), "standalone", "--port", str(self.port)]

    def environ(self) -> dict[str, str]:
        chosen = {
            "TRADEWIND_HOME": str(self.home),
            "TRADEWIND_ADMIN_PASSWORD": PASSWORD,
            "TRADEWIND__CORE__ISOLATION": self._isolation,
        }
        if self._database_url:
            chosen["TRADEWIND__DATABASE__URL"] = self._database_url
        return chosen

    def role_of(self, title: str) -> str:
        found = _TITLE.match(title)
        return _ROLES.get(found[1], found[1]) if found else "standalone"
