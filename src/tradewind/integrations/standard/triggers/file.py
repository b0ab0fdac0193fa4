"""Triggers that wait for a file."""

import asyncio
import glob
import os
from collections.abc import AsyncIterator, Hashable
from pathlib import Path
from typing import Any

from tradewind.authoring.triggers import BaseEventTrigger, BaseTrigger, TriggerEvent

_MODULE = "airflow.providers.standard.triggers.file"


def has_file(pattern: str, recursive: bool) -> bool:
    """Whether a file is there, or a folder with a file somewhere in it."""
    return any(
        os.path.isfile(path) or any(files for _, _, files in os.walk(path))  # noqa: PTH113
        for path in glob.glob(pattern, recursive=recursive)  # noqa: PTH207
    )


class FileTrigger(BaseTrigger):
    """One event when there is a file at `filepath`, looked for every `poke_interval` seconds."""

    __module__ = _MODULE

    def __init__(
        self, filepath: str, recursive: bool = False, poke_interval: float = 5.0, **kwargs: Any
    ) -> None:
        super().__init__()
        self.filepath = filepath
        self.recursive = recursive
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.FileTrigger",
            {
                "filepath": self.filepath,
                "recursive": self.recursive,
                "poke_interval": self.poke_interval,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not has_file(self.filepath, self.recursive):
            await asyncio.sleep(self.poke_interval)
        yield TriggerEvent(True)


class FileDeleteTrigger(BaseEventTrigger):
    """An event when there is a file at `filepath`, which is deleted."""

    __module__ = _MODULE

    def __init__(self, filepath: str, poke_interval: float = 5.0, **kwargs: Any) -> None:
        super().__init__()
        self.filepath = filepath
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.FileDeleteTrigger",
            {"filepath": self.filepath, "poke_interval": self.poke_interval},
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        while not Path(self.filepath).is_file():
            await asyncio.sleep(self.poke_interval)
        Path(self.filepath).unlink()
        yield TriggerEvent(True)


class DirectoryFileDeleteTrigger(BaseEventTrigger):
    """The same for `filename` in `directory`; triggers of one folder look at it together."""

    __module__ = _MODULE

    def __init__(
        self, *, directory: str, filename: str, poke_interval: float = 5.0, **kwargs: Any
    ) -> None:
        super().__init__()
        self.directory = directory
        self.filename = filename
        self.poke_interval = poke_interval

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (
            f"{_MODULE}.DirectoryFileDeleteTrigger",
            {
                "directory": self.directory,
                "filename": self.filename,
                "poke_interval": self.poke_interval,
            },
        )

    def shared_stream_key(self) -> Hashable | None:
        folder = os.path.realpath(self.directory)
        return (f"{_MODULE}.DirectoryFileDeleteTrigger", folder, self.poke_interval)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """What is in the folder, again and again; none while it is not there.

        Raises PermissionError and NotADirectoryError: waiting does not mend those.
        """
        folder = Path(kwargs["directory"])
        while True:
            try:
                names = {path.name for path in folder.iterdir()}
            except FileNotFoundError:
                names = set()
            yield {"directory": str(folder), "names": names}
            await asyncio.sleep(kwargs.get("poke_interval", 5.0))

    async def filter_shared_stream(
        self, shared_stream: AsyncIterator[Any]
    ) -> AsyncIterator[TriggerEvent]:
        """One event, for the file, which is deleted; another trigger may have been faster."""
        async for seen in shared_stream:
            path = Path(seen["directory"]) / self.filename
            if self.filename not in seen["names"]:
                continue
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            yield TriggerEvent({"filepath": str(path)})
            return

    async def run(self) -> AsyncIterator[TriggerEvent]:
        stream = self.open_shared_stream(self.serialize()[1])
        async for event in self.filter_shared_stream(stream):
            yield event
