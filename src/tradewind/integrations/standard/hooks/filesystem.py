"""FSHook: a folder that a connection of type `fs` names."""

from pathlib import Path
from typing import Any

from tradewind.authoring.hook import BaseHook


class FSHook(BaseHook):
    """The connection's extra field `path` is the folder; without one paths are taken as they are."""

    __module__ = "airflow.providers.standard.hooks.filesystem"

    conn_name_attr = "fs_conn_id"
    default_conn_name = "fs_default"
    conn_type = "fs"
    hook_name = "File (path)"

    def __init__(self, fs_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        connection = self.get_connection(fs_conn_id)
        self.basepath: str = connection.extra_dejson.get("path", "")
        self.conn = connection

    def get_conn(self) -> None:
        """Nothing to open."""

    def get_path(self) -> str:
        """The folder."""
        return self.basepath

    def test_connection(self) -> tuple[bool, str]:
        """Whether the folder is there, and what to say."""
        if not self.basepath:
            return False, "the extra field 'path' is not set"
        if not Path(self.basepath).exists():
            return False, f"there is no {self.basepath}"
        return True, f"{self.basepath} is there"
