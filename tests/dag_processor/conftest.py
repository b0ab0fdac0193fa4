"""A home with a database, and a processor running on it."""

import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.patience import PATIENCE_S
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.dag_processor import known_files, processor
from tradewind.dag_processor.processor import DagProcessor
from tradewind.dag_processor.stop import StopFlag
from tradewind.storage import dags, schema
from tradewind.storage.dags import Head
from tradewind.storage.database import Database
from tradewind.storage.listings import import_errors

GOOD = """
from tradewind import DAG, BaseOperator

with DAG("{dag_id}", schedule=None):
    BaseOperator(task_id="only")
"""
FOR_EVER_S = 3600.0
"""Longer than any test."""
T = TypeVar("T")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "dags").mkdir()
    return load_settings(
        {
            "TRADEWIND_HOME": str(tmp_path),
            "TRADEWIND__CORE__DAGBAG_IMPORT_TIMEOUT": str(FOR_EVER_S),
        }
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with closing(Database(settings.database.url)) as database:
        schema.create_or_upgrade(database)
        yield database


class World:
    """What a user does and sees."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.folder = settings.core.dags_folder

    def write(self, name: str, text: str = GOOD) -> Path:
        """Save a file as editors do: all at once."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_text(textwrap.dedent(text).replace("{dag_id}", path.stem))
        return draft.rename(path)

    def heads(self) -> dict[str, Head]:
        with self.database.read() as connection:
            return dags.heads(connection)

    def live(self) -> set[str]:
        """Ids of the DAGs that are not stale."""
        return {dag_id for dag_id, head in self.heads().items() if not head.is_stale}

    def errors(self) -> dict[str, str]:
        """The first line of each import error, by the file's name."""
        with self.database.read() as connection:
            rows, _ = import_errors.list_import_errors(
                connection, import_errors.ImportErrorFilters(), limit=100, offset=0
            )
        return {Path(row.filename).name: row.stack_trace.splitlines()[0] for row in rows}

    @contextmanager
    def running(self) -> Iterator[None]:
        """A processor at work until the end of the block, when it ends though a file is read."""
        stop = StopFlag()
        running = DagProcessor(self.settings, self.database)
        thread = threading.Thread(target=running.run, args=(stop,), name="processor")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
            stop.close()


@pytest.fixture
def world(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """What happens in it happens because it was noticed, not because it was time to look, and does
    not depend on how fast files are read."""
    monkeypatch.setattr(processor, "LOOK_EVERY_S", FOR_EVER_S)
    monkeypatch.setattr(processor, "FORGET_WITHIN_S", FOR_EVER_S)
    monkeypatch.setattr(known_files, "SLOW_S", FOR_EVER_S)
    return World(settings, database)


def eventually(condition: Callable[[], T]) -> T:
    """Wait until `condition()` is true."""
    until = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not (result := condition()):
        assert time.monotonic() < until, "it did not happen"
        pause.wait(0.005)
    return result
