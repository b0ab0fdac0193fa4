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
        return (f"{_MODULE}.DirectoryFileDeleteTrigger", self.directory, self.poke_interval)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Any]:
        """The names of the files in the folder, again and again."""
        folder = Path(kwargs["directory"])
        while True:
            if folder.is_dir():
                yield {path.name for path in folder.iterdir() if path.is_file()}
            await asyncio.sleep(kwargs.get("poke_interval", 5.0))

    async def filter_shared_stream(
        self, shared_stream: AsyncIterator[Any]
    ) -> AsyncIterator[TriggerEvent]:
        """An event for the file, which is deleted."""
        async for names in shared_stream:
            if self.filename in names:
                (Path(self.directory) / self.filename).unlink(missing_ok=True)
                yield TriggerEvent(True)

    async def run(self) -> AsyncIterator[TriggerEvent]:
        stream = self.open_shared_stream(self.serialize()[1])
        async for event in self.filter_shared_stream(stream):
            yield event
