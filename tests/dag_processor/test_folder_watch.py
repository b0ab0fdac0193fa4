"""Whatever is saved below a watched folder is noticed soon."""

import select
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tradewind.dag_processor.folder_watch import FolderWatch


@pytest.fixture
def watch() -> Iterator[FolderWatch]:
    with closing(FolderWatch()) as watch:
        yield watch


def says_so(watch: FolderWatch) -> bool:
    """Whether something has happened, or a watch has begun."""
    if not select.select([watch], [], [], PATIENCE_S)[0]:
        return False
    watch.drain()
    return True


def test_a_watch_says_when_it_has_begun(watch: FolderWatch, tmp_path: Path) -> None:
    """What was saved before may not be noticed: it must be looked for."""
    assert watch.follow([tmp_path])
    assert says_so(watch)


def test_a_saved_file_is_noticed(watch: FolderWatch, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert watch.follow([tmp_path])
    assert says_so(watch)
    (tmp_path / "a.py").touch()
    assert says_so(watch)
    (tmp_path / "sub" / "b.py").touch()
    assert says_so(watch)


def test_following_the_same_changes_nothing(watch: FolderWatch, tmp_path: Path) -> None:
    assert watch.follow([tmp_path, tmp_path / "not_there"])
    assert not watch.follow([tmp_path])


def test_a_folder_made_anew_is_followed_anew(watch: FolderWatch, tmp_path: Path) -> None:
    folder = tmp_path / "dags"
    folder.mkdir()
    watch.follow([folder])
    assert says_so(watch)
    shutil.rmtree(folder)
    assert watch.follow([folder])
    watch.drain()
    folder.mkdir()
    assert watch.follow([folder])
    assert says_so(watch)
    (folder / "a.py").touch()
    assert says_so(watch)


def test_nothing_to_watch(watch: FolderWatch, tmp_path: Path) -> None:
    assert not watch.follow([tmp_path / "not_there"])
