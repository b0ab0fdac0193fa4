"""Loading a DAG file in this process: what it finds, what it records, how it explains."""

import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from tests.authoring.conftest import MemoryHost
from tradewind.authoring import dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag_file import LoadedFile
from tradewind.authoring.fingerprints import fingerprint
from tradewind.config.settings import Core

Load = Callable[[str], LoadedFile]
HEAD = "from tradewind import DAG, Variable, dag, task\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A DAGs folder whose modules are forgotten afterwards."""
    path, modules = list(sys.path), set(sys.modules)
    made = tmp_path / "dags"
    made.mkdir()
    yield made
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.fixture
def load(folder: Path) -> Load:
    """Write a file into the folder and load it."""

    def write_and_load(source: str) -> LoadedFile:
        path = folder / "file.py"
        path.write_text(HEAD + dedent(source))
        return dag_file.load(path, dags_folder=folder)

    return write_and_load


def ids(loaded: LoadedFile) -> list[str]:
    return [dag.dag_id for dag in loaded.dags]


def inputs(loaded: LoadedFile) -> set[tuple[str, str]]:
    """By kind and name; not the modules that could be imported from where this test is run."""
    return {
        (item.kind, Path(item.name).name)
        for item in loaded.inputs
        if not item.name.startswith(f"{Path.cwd()}/")
    }


class TestFinds:
    def test_what_is_bound_and_what_registered_itself(self, load: Load) -> None:
        loaded = load(
            """
            a = DAG("bound")
            with DAG("in_with"): pass
            for number in range(2):
                globals()[f"x{number}"] = DAG(f"made_{number}")
            @dag
            def decorated(): pass
            decorated()
            [DAG("in_a_list")]
            with DAG("hidden", auto_register=False): pass
            """
        )
        assert ids(loaded) == ["bound", "made_0", "made_1", "in_with", "decorated"]
        assert {dag.fileloc for dag in loaded.dags} == {loaded.inputs[0].name}

    def test_modules_beside_it_and_packages(self, load: Load, folder: Path) -> None:
        (folder / "shared_parts").mkdir()
        (folder / "shared_parts" / "__init__.py").write_text("")
        (folder / "shared_parts" / "factory.py").write_text(
            "from tradewind import DAG\ndef make(name): return DAG(name)\n"
        )
        loaded = load("from shared_parts.factory import make\nd = make('made')\n")
        assert ids(loaded) == ["made"]
        asked_by_pytest = {("file", "shared_parts.py")}  # whose finder may look for a module too
        assert inputs(loaded) - asked_by_pytest == {
            ("file", "file.py"),
            ("file", "__init__.py"),
            ("file", "factory.py"),
        }
        assert loaded.dags[0].fileloc == str(folder / "file.py")

    def test_dags_in_a_zip(self, folder: Path) -> None:
        path = folder / "packed.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "zipped_dag.py", HEAD + "from zipped_help import NAME\nd = DAG(NAME)\n"
            )
            archive.writestr("zipped_help.py", "NAME = 'zipped'\n")
        loaded = dag_file.load(path, dags_folder=folder)
        assert ids(loaded) == ["zipped"]
        assert loaded.dags[0].fileloc == str(path)
        assert "# zipped_dag.py" in loaded.source_code

    def test_the_text_as_it_was_executed(self, load: Load) -> None:
        assert load("d = DAG('ü')\n").source_code.endswith("d = DAG('ü')\n")


class TestRecords:
    def test_files_it_opens_there_or_not(self, load: Load, folder: Path, tmp_path: Path) -> None:
        (folder / "tables.yaml").write_text("a")
        loaded = load(
            f"""
            from pathlib import Path
            here = Path({str(folder)!r})
            (here / "tables.yaml").read_text()
            try: open(here / "none.yaml")
            except OSError: pass
            open({str(tmp_path / "written.txt")!r}, "w").close()
            """
        )
        assert inputs(loaded) == {
            ("file", "file.py"),
            ("file", "tables.yaml"),
            ("file", "none.yaml"),
        }
        absent = next(item for item in loaded.inputs if item.name.endswith("none.yaml"))
        assert absent.fingerprint == fingerprint("file", absent.name) == ""

    def test_folders_it_lists(self, load: Load, folder: Path) -> None:
        loaded = load(f"import os; os.listdir({str(folder)!r})")
        assert ("folder", "dags") in inputs(loaded)

    def test_environment_that_it_reads_itself(
        self, load: Load, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = "import os, uuid\nos.environ.get('MY_ENV')\nos.getenv('NONE')\n'X' in os.environ\n"
        monkeypatch.setenv("MY_ENV", "1")
        first = load(source)
        monkeypatch.setenv("MY_ENV", "2")
        assert {name for kind, name in inputs(first) if kind == "env"} == {"MY_ENV", "NONE", "X"}
        assert load(source).code_hash != first.code_hash

    def test_variables_and_connections_without_their_values(
        self, load: Load, memory: MemoryHost
    ) -> None:
        memory.variables["target"] = "secret"
        source = """
            from tradewind import BaseHook, Connection
            Variable.get("target")
            Variable.get("none", None)
            """
        first = load(source)
        memory.variables["target"] = "other"
        assert ("variable", "target") in inputs(first)
        assert ("env", "AIRFLOW_VAR_TARGET") in inputs(first)
        assert "secret" not in repr(first.inputs)
        assert load(source).code_hash != first.code_hash

    @pytest.mark.parametrize(
        "source",
        [
            "import subprocess; subprocess.run(['true'])",
            "import socket; socket.getaddrinfo('127.0.0.1', 1)",
            "from tradewind import timezone; timezone.utcnow()",
            "from tradewind.authoring.old_names import days_ago; days_ago(2)",
        ],
    )
    def test_what_cannot_be_watched(self, load: Load, source: str) -> None:
        assert load(source).unwatchable
        assert not load("x = 1").unwatchable

    def test_what_a_library_does_while_it_is_imported_is_none_of_the_files_doing(
        self, load: Load, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in [name for name in sys.modules if name.startswith("croniter")]:
            monkeypatch.delitem(sys.modules, name)
        assert not load("import croniter").unwatchable, "it starts a program"

    def test_one_hash_for_one_content_wherever_it_lies(
        self, load: Load, folder: Path, tmp_path: Path
    ) -> None:
        first = load("d = DAG('d')")
        assert load("d = DAG('d')").code_hash == first.code_hash
        assert load("d = DAG('e')").code_hash != first.code_hash
        moved = tmp_path / "elsewhere"
        moved.mkdir()
        (moved / "file.py").write_text(HEAD + "d = DAG('d')")
        assert dag_file.load(moved / "file.py", dags_folder=moved).code_hash == first.code_hash


class TestExplains:
    @pytest.fixture
    def explained(self, load: Load, folder: Path) -> Callable[[str], str]:
        """What is said of a source that cannot be loaded or compiled."""

        def explain(source: str) -> str:
            with pytest.raises((Exception, SystemExit)) as caught:
                for dag in load(source).dags:
                    compile_dag(dag, defaults=Core())
            return dag_file.explain(caught.value, folder / "file.py").replace(f"{folder}/", "")

        return explain

    @pytest.mark.parametrize(
        ("source", "headline"),
        [
            ("d = DAG('d' schedule=None)", "file.py:2: SyntaxError: invalid syntax"),
            ("x = 1 / 0", "file.py:2: ZeroDivisionError: division by zero"),
            ("\nimport sys; sys.exit(3)", "file.py:3: file.py calls sys.exit(3) while it is loaded"),
            ("import nonexistent_module", "file.py:2: No module named 'nonexistent_module': inst"),
            ("from tradewind import DGA", "file.py:2: tradewind has no DGA in this version of "
             "Tradewind; did you mean 'DAG'?"),
            ("import airflow.sensors.bass", "file.py:2: there is no module airflow.sensors"),
            ("from airflow.contrib.hooks.jira_hook import JiraHook", "file.py:2: airflow.contrib."
             "hooks.jira_hook.JiraHook is airflow.providers.atlassian.jira.hooks.jira.JiraHook "
             "today, of the package apache-airflow-providers-atlassian-jira, which is not inst"),
            ("DAG('d', start_date='2024-01-01')", "file.py:2: DAG 'd': start_date must be a "),
            ("a = DAG('d')\nb = DAG('d')", "file.py:3: file.py makes two DAGs with the id 'd' "
             "(lines 2 and 3)"),
            ("d = DAG('d', schedule='@dayly')", "file.py:2: DAG 'd': '@dayly' is not a cron"),
            ("@dag\ndef f():\n  @task\n  def t(a): ...\n  t()\nf()", "file.py:6: t(a) cannot"),
        ],
    )  # fmt: skip
    def test_first_where_and_what_would_be_right(
        self, explained: Callable[[str], str], source: str, headline: str
    ) -> None:
        assert explained(source).startswith(headline)

    def test_then_the_authors_lines_alone(self, explained: Callable[[str], str]) -> None:
        source = """
            def inner():
                DAG("d", tags="x")
            inner()
            """
        assert explained(source).splitlines()[2:] == [
            "Traceback (your lines only, most recent call last):",
            "  file.py, line 5, in <module>",
            "    inner()",
            "  file.py, line 4, in inner",
            '    DAG("d", tags="x")',
        ]

    def test_a_long_traceback_is_cut_in_the_middle(self, explained: Callable[[str], str]) -> None:
        lines = explained("def again():\n    again()\nagain()").splitlines()
        assert lines[0].endswith(": RecursionError: maximum recursion depth exceeded")
        assert len(lines) == 3 + 2 * 20 + 1
        assert lines[23].startswith("  ... ")

    def test_an_error_without_a_message_of_use(self, explained: Callable[[str], str]) -> None:
        source = """
            class Silent(Exception):
                def __str__(self):
                    raise KeyError

            raise Silent
            """
        assert "Silent: (its message cannot be had: its __str__ raises KeyError)" in explained(
            source
        )

    def test_a_syntax_error_points_at_its_place(self, explained: Callable[[str], str]) -> None:
        assert explained("d = DAG(").splitlines()[-2:] == [
            "    d = DAG(",
            "           ^",
        ]


def test_a_failed_load_leaves_no_module_and_no_open_dag(load: Load) -> None:
    before = set(sys.modules)
    with pytest.raises(ZeroDivisionError):
        load("with DAG('d'):\n    1 / 0")
    assert not [name for name in set(sys.modules) - before if name.startswith("unusual_prefix_")]
    assert ids(load("d = DAG('d')")) == ["d"]


def test_a_module_saved_twice_within_a_second_is_not_taken_from_its_cache(
    folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    helper = folder / "names_of_dags.py"
    for name in ("one", "uno"):  # of the same length: only the content differs
        helper.write_text(f"NAME = {name!r}\n")
        sys.modules.pop("names_of_dags", None)
        (dag,) = load(
            f"{HEAD}import names_of_dags\nd = DAG(names_of_dags.NAME, schedule=None)"
        ).dags
        assert dag.dag_id == name
