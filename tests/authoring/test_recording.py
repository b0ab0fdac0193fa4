"""Every input of a load is recorded, with the content that was really read."""

import os
import py_compile
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tradewind.authoring import dag_file, fingerprints
from tradewind.authoring.dag_file import LoadedFile
from tradewind.authoring.fingerprints import YOUNG_NS, Fingerprints, of_content
from tradewind.authoring.recording import CHANGED_MEANWHILE
from tradewind.model.parsed import RecordedInput

Load = Callable[[str], LoadedFile]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A DAGs folder whose modules are forgotten afterwards; Python writes bytecode caches."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    made = tmp_path / "dags"
    made.mkdir()
    known = set(sys.modules)
    yield made
    for name in set(sys.modules) - known:
        del sys.modules[name]


@pytest.fixture
def load(folder: Path) -> Load:
    """Write a file into the folder and load it as a fresh process would."""

    def write_and_load(source: str) -> LoadedFile:
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(f"{folder.parent}/"):
                del sys.modules[name]
        path = folder / "file.py"
        path.write_text(dedent(source))
        return dag_file.load(path, dags_folder=folder)

    return write_and_load


def recorded(loaded: LoadedFile, below: Path) -> dict[str, str]:
    """`kind name` below a folder, and the fingerprint."""
    prefix = f"{below}/"
    return {
        f"{item.kind} {item.name.removeprefix(prefix)}": item.fingerprint
        for item in loaded.inputs
        if item.name.startswith(prefix)
    }


@pytest.mark.parametrize(
    ("files", "source", "found"),
    [
        ({"p/__init__.py": "from . import m", "p/m.py": ""}, "import p", {"p/__init__.py", "p/m.py"}),
        ({"space/m.py": ""}, "from space import m", {"space/m.py"}),
        ({"m.py": ""}, "import importlib; importlib.import_module('m')", {"m.py"}),
        ({"m.py": ""}, "def f():\n    import m\nf()", {"m.py"}),
        ({"t.sql": ""}, "import os; os.close(os.open(f'{HERE}/t.sql', os.O_RDONLY))", {"t.sql"}),
        (
            {"t.csv": "a,b\n"},
            "import mmap\nwith open(f'{HERE}/t.csv', 'rb') as f:"
            "\n    mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)",
            {"t.csv"},
        ),
        ({"t.json": "{}"}, "import json, pathlib; json.loads((HERE / 't.json').read_bytes())", {"t.json"}),
    ],
)  # fmt: skip
def test_files(
    load: Load, folder: Path, files: dict[str, str], source: str, found: set[str]
) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    loaded = load(f"from pathlib import Path\nHERE = Path({str(folder)!r})\n{source}")
    seen = recorded(loaded, folder)
    assert {name for name, value in seen.items() if value} == {
        f"file {name}" for name in (*found, "file.py")
    }
    for name in found:
        assert seen[f"file {name}"] == of_content((folder / name).read_bytes())


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.listdir(HERE / 'sql')",
        "import os; list(os.scandir(HERE / 'sql'))",
        "import glob; glob.glob(f'{HERE}/sql/*.sql')",
        "list((HERE / 'sql').iterdir())",
        "list(HERE.rglob('*.sql'))",
        "import os; list(os.walk(HERE / 'sql'))",
    ],
)
def test_folders(load: Load, folder: Path, source: str) -> None:
    (folder / "sql").mkdir()
    (folder / "sql" / "a.sql").write_text("")
    source = f"from pathlib import Path\nHERE = Path({str(folder)!r})\n{source}"
    before = load(source)
    assert "folder sql" in recorded(before, folder)
    (folder / "sql" / "b.sql").write_text("")
    assert load(source).code_hash != before.code_hash


def test_folders_of_a_project_elsewhere(load: Load, folder: Path, tmp_path: Path) -> None:
    """What counts is that no library or system folder holds it; here /tmp is one."""
    (tmp_path / "plugins").mkdir()
    (folder / "lister.py").write_text("import os\ndef names(path): return os.listdir(path)")
    loaded = load(f"import lister; lister.names({str(folder)!r})")
    assert f"folder {folder.name}" in recorded(loaded, tmp_path)


def test_a_module_that_may_come(load: Load, folder: Path) -> None:
    source = "try:\n    import local_settings\nexcept ImportError:\n    pass"
    before = load(source)
    seen = recorded(before, folder)
    assert seen["file local_settings.py"] == seen["file local_settings/__init__.py"] == ""
    (folder / "local_settings.py").write_text("")
    assert Fingerprints().first_changed(before.inputs) is not None
    assert load(source).code_hash != before.code_hash


def test_a_file_that_may_come_or_go(load: Load, folder: Path) -> None:
    source = f"import os\nos.path.exists({str(folder / 'flag')!r})"
    before = load(source)
    assert recorded(before, folder)["path flag"] == ""
    (folder / "flag").write_text("")
    after = load(source)
    assert recorded(after, folder)["path flag"] == "file"
    assert after.code_hash != before.code_hash
    assert os.stat.__name__ == "stat" and not hasattr(os.stat, "__wrapped__")


def test_what_another_process_writes_meanwhile(load: Load, folder: Path) -> None:
    path = folder / "t.yaml"
    path.write_text("1")
    source = f"""
        import subprocess
        from pathlib import Path
        Path({str(path)!r}).read_text()
        subprocess.run("echo 2 > {path}", shell=True)
        """
    assert recorded(load(source), folder)["file t.yaml"] == CHANGED_MEANWHILE


def test_what_the_file_writes_itself(load: Load, folder: Path) -> None:
    path = folder / "count"
    path.write_text("0")
    loaded = load(
        f"from pathlib import Path\np = Path({str(path)!r})\np.read_text()\np.write_text('1')"
    )
    assert recorded(loaded, folder)["file count"] == of_content(b"1")


def test_no_bytecode_of_other_code_is_executed(load: Load, folder: Path) -> None:
    """Saved again within a second at the same length, with a cache such as Python itself writes."""
    helper = folder / "a_helper.py"
    source = "import a_helper\nfrom tradewind import DAG\nd = DAG(a_helper.NAME, schedule=None)"
    for name in ("one", "two", "six"):
        helper.write_text(f"NAME = {name!r}\n")
        os.utime(helper, (1, 1))
        loaded = load(source)
        assert [dag.dag_id for dag in loaded.dags] == [name]
        assert recorded(loaded, folder)["file a_helper.py"] == of_content(helper.read_bytes())
    py_compile.compile(str(helper))  # a cache by time and size
    helper.write_text("NAME = 'ten'\n")
    os.utime(helper, (1, 1))
    assert [dag.dag_id for dag in load(source).dags] == ["ten"]


def test_bytecode_of_this_code_is(load: Load, folder: Path) -> None:
    (folder / "b_helper.py").write_text("x = 1\n")
    load("import b_helper")
    cache = next((folder / "__pycache__").glob("b_helper*.pyc"))
    written = cache.stat().st_mtime_ns
    load("import b_helper")
    assert cache.stat().st_mtime_ns == written
    assert int.from_bytes(cache.read_bytes()[4:8], "little") == 0b11, "checked by hash"


def test_a_status_cannot_vouch_for_a_young_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two writes within a tick of the file system's clock: as if the clock stood still."""
    path = tmp_path / "t.yaml"
    path.write_text("1")
    item = RecordedInput(kind="file", name=str(path), fingerprint=of_content(b"1"))
    disk = Fingerprints()
    assert disk.first_changed([item]) is None
    path.write_text("2")
    assert disk.first_changed([item]) is item
    path.write_text("1")
    while time.time_ns() < path.stat().st_ctime_ns + YOUNG_NS:
        time.sleep(0.1)
    assert disk.first_changed([item]) is None
    monkeypatch.setattr(fingerprints, "fingerprint", lambda *_: pytest.fail("it is read again"))
    assert disk.first_changed([item]) is None
