"""Which executor the settings mean."""

from pathlib import Path

import pytest

from tests.runtime.partner import make_settings
from tradewind.executors.configured import configured_executor
from tradewind.model.errors import InvalidSetting


@pytest.mark.parametrize(
    ("named", "name", "slots"),
    [
        ("LocalExecutor", "LocalExecutor", 7),
        ("SequentialExecutor", "SequentialExecutor", 1),
        ("airflow.executors.local_executor.LocalExecutor", "LocalExecutor", 7),
    ],
)
def test_slots(tmp_path: Path, named: str, name: str, slots: int) -> None:
    executor = configured_executor(make_settings(tmp_path, parallelism=7, executor=named))
    assert (executor.name, executor.slots) == (name, slots)


def test_one_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"'Celery'.*LocalExecutor or SequentialExecutor"):
        configured_executor(make_settings(tmp_path, executor="Celery"))
