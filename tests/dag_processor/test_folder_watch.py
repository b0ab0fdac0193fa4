"""Whatever is saved below a watched folder is noticed soon."""

import select
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tradewind.dag_processor.folder_watch import FolderWatch


@pytest.fixture
def watch() -> Iterator[FolderWatch]:
    with closing(FolderWatch()) as watch:
        yield watch


def notices(watch: FolderWatch, path: Path) -> bool:
    """Whether saving `path` is noticed; saved more than once, as the watch takes time to begin."""
    for attempt in range(50):
        path.write_text(str(attempt))
        if select.select([watch], [], [], 0.2)[0]:
            watch.drain()
            return True
    return False


def test_a_saved_file_is_noticed(watch: FolderWatch, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert watch.follow([tmp_path])
    assert notices(watch, tmp_path / "a.py")
    assert notices(watch, tmp_path / "sub" / "b.py")


def test_following_the_same_changes_nothing(watch: FolderWatch, tmp_path: Path) -> None:
    assert watch.follow([tmp_path, tmp_path / "not_there"])
    assert not watch.follow([tmp_path])


def test_a_folder_made_anew_is_followed_anew(watch: FolderWatch, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    watch.follow([folder])
    assert notices(watch, folder / "a.py")
    shutil.rmtree(folder)
    assert watch.follow([folder])
    folder.mkdir()
    assert watch.follow([folder])
    assert notices(watch, folder / "a.py")


def test_nothing_to_watch(watch: FolderWatch, tmp_path: Path) -> None:
    assert not watch.follow([tmp_path / "not_there"])
