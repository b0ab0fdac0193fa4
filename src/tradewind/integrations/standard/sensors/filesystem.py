"""FileSensor: waits for a file."""

import glob
import os
from collections.abc import Collection
from typing import Any

from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.hooks.filesystem import FSHook
from tradewind.integrations.standard.utils.deferrable import default_deferrable


class FileSensor(BaseSensorOperator):
    """Over when there is a file at `filepath`, below the folder that the connection names.

    A folder counts as soon as a file lies in it. `*` and, with recursive, `**` are patterns.
    """

    __module__ = "airflow.providers.standard.sensors.filesystem"

    template_fields: Collection[str] = ("filepath", "fs_conn_id")
    ui_color = "#91818a"

    def __init__(
        self,
        *,
        filepath: str,
        fs_conn_id: str = "fs_default",
        recursive: bool = False,
        deferrable: bool | None = None,
        start_from_trigger: bool = False,
        trigger_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filepath = filepath
        self.fs_conn_id = fs_conn_id
        self.recursive = recursive
        self.deferrable = default_deferrable() if deferrable is None else deferrable
        self.start_from_trigger = start_from_trigger
        self.trigger_kwargs = trigger_kwargs

    @property
    def path(self) -> str:
        """The whole path or pattern."""
        return os.path.join(FSHook(self.fs_conn_id).get_path(), self.filepath)  # noqa: PTH118

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Look once."""
        self.log.info("Looking for %s", self.path)
        return any(_has_file(path) for path in glob.glob(self.path, recursive=self.recursive))  # noqa: PTH207


def _has_file(path: str) -> bool:
    return os.path.isfile(path) or any(files for _, _, files in os.walk(path))  # noqa: PTH113
