"""The store follows the DAGs folder: real files, real parse processes, a real database."""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.dag_processor.conftest import GOOD, World, eventually
from tradewind.dag_processor import processor as processor_module
from tradewind.dag_processor.processor import DagProcessor
from tradewind.storage import bells, components, dags, variables
from tradewind.storage.secrets import Cipher
from tradewind.storage.tables import import_error


def test_one_pass_records_every_file(world: World) -> None:
    world.write("a.py")
    world.write("team/b.py")
    world.write("bad.py", "from tradewind import DAG\nDAG(3)\n")
    processor = DagProcessor(world.settings, world.database)

    parsed = processor.run_once()

    assert [item.relative_fileloc for item in parsed] == ["a.py", "bad.py", "team/b.py"]
    assert world.live() == {"a", "b"}
    assert list(world.errors()) == ["bad.py"]
    assert world.heads()["a"].is_paused

    (world.folder / "a.py").unlink()
    (world.folder / "bad.py").unlink()
    processor.run_once()
    assert world.live() == {"b"}
    assert world.errors() == {}


def test_a_pass_over_nothing(world: World) -> None:
    world.folder.rmdir()
    assert DagProcessor(world.settings, world.database).run_once() == []


def test_a_saved_file_is_seen_at_once(world: World) -> None:
    world.write("a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        world.write("b.py")
        eventually(lambda: world.live() == {"a", "b"})

        world.write("b.py", GOOD.replace("only", "other"))
        eventually(lambda: world.heads()["b"].version == 2)


def test_an_idle_parse_server_is_let_go_and_comes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor_module, "REST_AFTER_S", 0.05)
    world.write("a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        eventually(lambda: not parse_servers())
        world.write("b.py")
        eventually(lambda: world.live() == {"a", "b"})
        eventually(lambda: not parse_servers())


def parse_servers() -> list[str]:
    """Names of our children that are parse servers, also those that are just starting."""
    children = [each.read_text() for each in Path("/proc/self/task").glob("*/children")]
    pids = [pid for each in children for pid in each.split()]
    names = []
    for pid in pids:
        with contextlib.suppress(OSError):
            names.append(Path(f"/proc/{pid}/cmdline").read_text())
    return [name for name in names if "parse" in name]


def test_a_folder_that_comes_later_is_watched(world: World) -> None:
    world.write("sub/a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        world.write("new/deep/b.py")
        eventually(lambda: world.live() == {"a", "b"})


def test_a_removed_file_makes_its_dags_stale_and_a_renamed_one_does_not(world: World) -> None:
    world.write("a.py")
    world.write("b.py")
    with world.running():
        eventually(lambda: world.live() == {"a", "b"})
        (world.folder / "a.py").rename(world.folder / "z.py")
        (world.folder / "b.py").unlink()
        eventually(lambda: world.live() != {"a", "b"})
        assert world.live() == {"a"}
        with world.database.read() as connection:
            assert dags.owning_files(connection) == {"a": str(world.folder / "z.py")}


def test_what_a_file_depends_on_is_followed(world: World) -> None:
    world.write("names.py", "NAME = 'one'")
    (world.folder / "more.txt").write_text("two")
    world.write(
        "made.py",
        """
        from pathlib import Path
        from tradewind import DAG
        import names
        first = DAG(names.NAME, schedule=None)
        second = DAG(Path(__file__).with_name("more.txt").read_text(), schedule=None)
        """,
    )
    with world.running():
        eventually(lambda: world.live() == {"one", "two"})
        world.write("names.py", "NAME = 'uno'")
        eventually(lambda: world.live() == {"uno", "two"})
        (world.folder / "more.txt").write_text("due")
        eventually(lambda: world.live() == {"uno", "due"})


def test_a_variable_that_changes_is_followed(world: World) -> None:
    cipher = Cipher(world.settings.core.fernet_key)

    def set_variable(value: str) -> None:
        with world.database.write() as connection:
            variables.upsert(connection, "name", value, description=None, cipher=cipher)
        bells.ring(world.database, "answers")

    set_variable("one")
    world.write(
        "made.py",
        "from tradewind import DAG, Variable\ndag = DAG(Variable.get('name'), schedule=None)\n",
    )
    with world.running():
        eventually(lambda: world.live() == {"one"})
        set_variable("two")
        eventually(lambda: world.live() == {"two"})


def test_a_broken_file_is_read_again_when_what_it_misses_comes(world: World) -> None:
    world.write(
        "needs.py",
        """
        import not_yet_there
        from tradewind import DAG, Variable
        dag = DAG(Variable.get("name"), schedule=None)
        """,
    )
    with world.running():
        error = eventually(lambda: world.errors().get("needs.py"))
        assert "No module named 'not_yet_there'" in error
        world.write("not_yet_there.py", "")
        eventually(lambda: "not_yet_there" not in world.errors()["needs.py"])

        with world.database.write() as connection:
            cipher = Cipher(world.settings.core.fernet_key)
            variables.upsert(connection, "name", "it", description=None, cipher=cipher)
        bells.ring(world.database, "answers")
        eventually(lambda: world.live() == {"it"})
        assert world.errors() == {}


def test_a_broken_file_is_read_again_when_what_broke_it_is_mended(
    world: World, tmp_path: Path
) -> None:
    """Also where that lies elsewhere than the DAG files."""
    listed = tmp_path / "elsewhere" / "dags.json"
    listed.parent.mkdir()
    listed.write_text("[")
    world.write(
        "factory.py",
        f"""
        import json
        from pathlib import Path
        from tradewind import DAG
        for name in json.loads(Path({str(listed)!r}).read_text()):
            globals()[name] = DAG(name, schedule=None)
        """,
    )
    with world.running():
        eventually(lambda: "JSONDecodeError" in world.errors().get("factory.py", ""))
        listed.write_text('["mended"]')
        eventually(lambda: world.live() == {"mended"})


def test_a_broken_file_keeps_its_dags(world: World) -> None:
    world.write("a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        world.write("a.py", "from tradewind import DAG\nnonsense\n")
        error = eventually(lambda: world.errors().get("a.py"))
        assert "a.py:2: NameError" in error
        assert world.live() == {"a"}
        world.write("a.py")
        eventually(lambda: not world.errors())


def test_bad_files_disturb_nobody(world: World) -> None:
    world.write("loops.py", "# tradewind dag\nwhile True:\n    pass\n")
    world.write("crashes.py", "# tradewind dag\nimport ctypes\nctypes.string_at(0)\n")
    world.write("leaves.py", "# tradewind dag\nimport sys\nsys.exit()\n")
    for number in range(5):
        world.write(f"good{number}.py")
    with world.running():
        eventually(lambda: len(world.live()) == 5)
        eventually(lambda: set(world.errors()) == {"crashes.py", "leaves.py"})
        world.write("later.py")
        eventually(lambda: "later" in world.live())


def test_a_dag_id_belongs_to_the_first_file_that_has_it(world: World) -> None:
    world.write("first.py", GOOD.replace("{dag_id}", "shared"))
    with world.running():
        eventually(lambda: world.live() == {"shared"})
        copy = world.write("a_copy.py", GOOD.replace("{dag_id}", "shared"))
        error = eventually(lambda: world.errors().get("a_copy.py"))
        assert f"dag_id 'shared' is already defined in {world.folder / 'first.py'}" in error

        world.write("first.py", GOOD.replace("{dag_id}", "own"))
        eventually(lambda: world.live() == {"shared", "own"})
        with world.database.read() as connection:
            assert dags.owning_files(connection)["shared"] == str(copy)
        eventually(lambda: world.errors() == {})


def test_unchanged_files_are_read_again_after_the_interval(world: World) -> None:
    counter = world.settings.home / "count"
    counter.write_text("")
    world.write(
        "counts.py",
        f"""
        # tradewind dag
        import os
        os.write(os.open({str(counter)!r}, os.O_WRONLY | os.O_APPEND), b"x")
        """,
    )
    options = dataclasses.replace(world.settings.dag_processor, min_file_process_interval=0)
    world.settings = dataclasses.replace(world.settings, dag_processor=options)
    with world.running():
        eventually(lambda: len(counter.read_text()) == 2)


def test_it_says_that_it_lives_and_says_goodbye(world: World) -> None:
    def kinds() -> list[str]:
        with world.database.read() as connection:
            return [item.kind for item in components.living(connection)]

    with world.running():
        eventually(lambda: kinds() == ["dag_processor"])
    assert kinds() == []


def test_results_wait_while_the_database_fails(world: World) -> None:
    with world.running():
        eventually(lambda: list_components(world))
        with world.database.write() as connection:
            connection.execute(sa.text(f"ALTER TABLE {import_error.name} RENAME TO hidden"))
        world.write("a.py")
        problem = eventually(lambda: list_components(world)[0].problem)
        assert problem is not None
        assert "no such table" in problem
        with world.database.write() as connection:
            connection.execute(sa.text(f"ALTER TABLE hidden RENAME TO {import_error.name}"))
        eventually(lambda: world.live() == {"a"})
        eventually(lambda: list_components(world)[0].problem is None)


def list_components(world: World) -> list[components.LivingComponent]:
    with world.database.read() as connection:
        return components.living(connection)


READS = """
from pathlib import Path
from tradewind import DAG
dag = DAG(Path("{path}").read_text().strip(), schedule=None)
"""


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def renamed_over(path: Path, text: str) -> None:
    draft = path.with_name("a draft")
    draft.write_text(text)
    draft.rename(path)


def moved_away_first(path: Path, text: str) -> None:
    path.rename(f"{path}~")
    path.write_text(text)


def with_its_old_time(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("save", [in_place, renamed_over, moved_away_first, with_its_old_time])
@pytest.mark.parametrize("place", ["dags", "elsewhere"])
def test_every_way_to_save(
    world: World, tmp_path: Path, save: Callable[[Path, str], None], place: str
) -> None:
    data = tmp_path / place / "data" / "name.txt"
    data.parent.mkdir(parents=True)
    data.write_text("one")
    world.write("made.py", READS.format(path=data))
    with world.running():
        eventually(lambda: world.live() == {"one"})
        for name in ("two", "six"):
            save(data, name)
            eventually(lambda name=name: world.live() == {name})


@pytest.mark.parametrize("place", ["dags", "elsewhere"])
def test_a_link_that_is_switched(world: World, tmp_path: Path, place: str) -> None:
    """As Kubernetes mounts a ConfigMap: name.txt -> ..data/name.txt, ..data -> ..first."""
    mount = tmp_path / place / "mount"
    for folder, name in (("..first", "one"), ("..second", "two")):
        (mount / folder).mkdir(parents=True)
        (mount / folder / "name.txt").write_text(name)
    (mount / "..data").symlink_to("..first")
    (mount / "name.txt").symlink_to("..data/name.txt")
    world.write("made.py", READS.format(path=mount / "name.txt"))
    with world.running():
        eventually(lambda: world.live() == {"one"})
        (mount / "..data_tmp").symlink_to("..second")
        (mount / "..data_tmp").rename(mount / "..data")
        eventually(lambda: world.live() == {"two"})


def test_a_dags_folder_that_is_switched(world: World, tmp_path: Path) -> None:
    """As git-sync does: the DAGs folder is reached through a link to a checkout."""
    for revision in ("r1", "r2"):
        (tmp_path / revision / "dags").mkdir(parents=True)
        text = f"from tradewind import DAG\ndag = DAG('{revision}', schedule=None)\n"
        (tmp_path / revision / "dags" / "made.py").write_text(text)
    (tmp_path / "current").symlink_to("r1")
    core = dataclasses.replace(world.settings.core, dags_folder=tmp_path / "current" / "dags")
    world.settings = dataclasses.replace(world.settings, core=core)
    with world.running():
        eventually(lambda: world.live() == {"r1"})
        (tmp_path / "next").symlink_to("r2")
        (tmp_path / "next").rename(tmp_path / "current")
        eventually(lambda: world.live() == {"r2"})


def test_what_is_not_there_yet(world: World, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "deep" / "name.txt"
    world.write(
        "made.py",
        f"""
        from pathlib import Path
        from tradewind import DAG
        try:
            import made_of
            name = made_of.NAME
        except ImportError:
            path = Path("{path}")
            name = path.read_text() if path.exists() else "none"
        dag = DAG(name, schedule=None)
        """,
    )
    with world.running():
        eventually(lambda: world.live() == {"none"})
        path.parent.mkdir(parents=True)
        path.write_text("one")
        eventually(lambda: world.live() == {"one"})
        world.write("made_of.py", "NAME = 'two'")
        eventually(lambda: world.live() == {"two"})


def owners(world: World) -> dict[str, str]:
    with world.database.read() as connection:
        owning = dags.owning_files(connection)
    return {dag_id: Path(fileloc).name for dag_id, fileloc in owning.items()}


def test_a_dag_id_goes_to_the_other_file_when_the_first_goes(world: World) -> None:
    world.write("a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        world.write("b.py", GOOD.replace("{dag_id}", "a").replace("only", "other"))
        eventually(lambda: "already defined" in world.errors().get("b.py", ""))
        for change in (
            lambda path: path.unlink(),
            lambda path: path.rename(path.with_suffix(".x")),
        ):
            change(world.folder / "a.py")
            eventually(lambda: not world.errors())
            assert world.live() == {"a"} and owners(world) == {"a": "b.py"}
            (world.folder / "b.py").rename(world.folder / "a.py")
            eventually(lambda: owners(world) == {"a": "a.py"} and world.live() == {"a"})
            world.write("b.py", GOOD.replace("{dag_id}", "a").replace("only", "other"))
            eventually(lambda: "already defined" in world.errors().get("b.py", ""))


def test_a_file_that_comes_back(world: World) -> None:
    path = world.write("a.py")
    with world.running():
        eventually(lambda: world.live() == {"a"})
        path.rename(world.folder / "a.gone")
        eventually(lambda: world.live() == set())
        (world.folder / "a.gone").rename(path)
        eventually(lambda: world.live() == {"a"})
        assert world.heads()["a"].version == 1
