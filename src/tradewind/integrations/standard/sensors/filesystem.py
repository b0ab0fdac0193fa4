"""FileSensor: waits for a file."""

import os
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from tradewind.authoring.errors import AirflowException
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.authoring.template_fields import is_rendered_later
from tradewind.authoring.triggers import StartTriggerArgs
from tradewind.integrations.standard.hooks.filesystem import FSHook
from tradewind.integrations.standard.triggers.file import FileTrigger, has_file
from tradewind.integrations.standard.utils.deferrable import default_deferrable


class FileSensor(BaseSensorOperator):
    """Over when there is a file at `filepath`, below the folder that the connection names.

    A folder counts as soon as a file lies in it. `*` and, with recursive, `**` are patterns.
    A deferrable one with `start_from_trigger` asks for the connection while its DAG file is read, and
    has no process to begin with, unless its path is a template. `trigger_kwargs` counts in no case.
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
        self.trigger_kwargs = trigger_kwargs
        is_known = not is_rendered_later(filepath) and not is_rendered_later(fs_conn_id)
        self.start_from_trigger = start_from_trigger and self.deferrable and is_known
        if self.start_from_trigger:
            path, arguments = self._trigger().serialize()
            limit = timedelta(seconds=self.timeout)
            self.start_trigger_args = StartTriggerArgs(
                path, "execute_complete", arguments, timeout=limit
            )

    def execute(self, context: Any) -> Any:
        """Wait, in a trigger if it is deferrable and the file is not there already."""
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            limit = timedelta(seconds=self.timeout)
            self.defer(trigger=self._trigger(), method_name="execute_complete", timeout=limit)
        return None

    def execute_complete(self, context: Any, event: bool | None = None) -> None:
        """Go on after the wait. Raises AirflowException if it brought no file."""
        if not event:
            raise AirflowException(f"{self.task_id}: {self.filepath} was not found")
        self.log.info("%s is there", self.filepath)

    def _trigger(self) -> FileTrigger:
        return FileTrigger(self.path, self.recursive, self.poke_interval)

    @property
    def path(self) -> str:
        """The whole path or pattern."""
        return os.path.join(FSHook(self.fs_conn_id).get_path(), self.filepath)  # noqa: PTH118

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Look once."""
        self.log.info("Looking for %s", self.path)
        return has_file(self.path, self.recursive)
