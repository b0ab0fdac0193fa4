from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scheduler.harness import Ship
from tradewind.storage.database import Database


@pytest.fixture
def ship(database: Database, tmp_path: Path) -> Iterator[Ship]:
    """A scheduler on each database, one test database after the other."""
    made = Ship(database, tmp_path)
    yield made
    made.close()
