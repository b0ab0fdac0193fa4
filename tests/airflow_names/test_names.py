"""The `airflow` package: every name is there, is the same object, and warns where 3.3 does."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import airflow
import tradewind
from tradewind.authoring.profile import reports_of_one_file

OUR_OWN = ("airflow._email", "airflow._names", "airflow._moved", "airflow._standard")
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(airflow.__path__, "airflow.")
    if not module.name.startswith((*OUR_OWN, "airflow.providers"))
)
PACKAGE = Path(airflow.__file__).parent


def names() -> Iterator[tuple[ModuleType, str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name in MODULES:
            module = importlib.import_module(name)
            for attribute in getattr(module, "__all__", ()):
                yield module, attribute, getattr(module, attribute)


def test_every_listed_name_resolves() -> None:
    found = list(names())
    assert len(found) > 250
    assert len(MODULES) > 60


def test_classes_are_at_home_where_their_path_says() -> None:
    """What travels by class path is found again under it, as the same object."""
    classes = {
        item
        for _, _, item in names()
        if inspect.isclass(item) and item.__module__.startswith("airflow.")
    }
    classes |= {
        item
        for name in tradewind.__all__
        if inspect.isclass(item := getattr(tradewind, name))
        and item.__module__.startswith("airflow.")
    }
    assert len(classes) > 40
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for item in classes:
            home = importlib.import_module(item.__module__)
            assert getattr(home, item.__qualname__) is item


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("airflow", "DAG"),
        ("airflow.sdk", "DAG"),
        ("airflow.models", "DAG"),
        ("airflow.sdk.definitions.dag", "DAG"),
        ("airflow.sdk.bases.operator", "BaseOperator"),
        ("airflow.models.variable", "Variable"),
        ("airflow.sdk.definitions.edges", "Label"),
        ("airflow.configuration", "conf"),
        ("airflow.timetables.trigger", "CronTriggerTimetable"),
    ],
)
def test_a_name_of_today_is_the_same_object_without_a_warning(path: str, name: str) -> None:
    assert getattr(importlib.import_module(path), name) is getattr(tradewind, name)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("airflow.operators.bash", "BashOperator"),
        ("airflow.operators.python", "PythonOperator"),
        ("airflow.decorators", "task"),
        ("airflow.models.baseoperator", "chain"),
        ("airflow.utils.trigger_rule", "TriggerRule"),
        ("airflow.utils.task_group", "TaskGroup"),
        ("airflow.exceptions", "AirflowSkipException"),
        ("airflow.exceptions", "TaskDeferred"),
        ("airflow.hooks.base", "BaseHook"),
    ],
)
def test_a_deprecated_name_warns_and_decides_nothing(path: str, name: str) -> None:
    module = importlib.import_module(path)
    with (
        reports_of_one_file() as evidence,
        pytest.warns(
            DeprecationWarning, match=f"{path}.{name} is deprecated; use airflow."
        ) as seen,
    ):
        getattr(module, name)
    assert evidence == []
    assert seen[0].filename == __file__


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("airflow.operators.bash_operator", "BashOperator"),
        ("airflow.operators.python_operator", "PythonOperator"),
        ("airflow.operators.dummy_operator", "DummyOperator"),
        ("airflow.operators.dummy", "DummyOperator"),
        ("airflow.operators", "BashOperator"),
        ("airflow.utils.dates", "days_ago"),
        ("airflow.utils.helpers", "chain"),
        ("airflow.utils.decorators", "apply_defaults"),
        ("airflow.hooks.base_hook", "BaseHook"),
        ("airflow.models", "XComArg"),
    ],
)
def test_a_removed_name_shows_a_file_of_2x_each_time(path: str, name: str) -> None:
    module = importlib.import_module(path)
    for _ in range(2):
        with (
            reports_of_one_file() as evidence,
            pytest.warns(DeprecationWarning, match="was removed in Airflow 3"),
        ):
            getattr(module, name)
        assert [item.what for item in evidence] == [f"imports {name} from {path}"]
        assert evidence[0].site.file == __file__


def test_unknown_names_are_import_errors() -> None:
    with pytest.raises(ImportError):
        from airflow import Nonsense  # noqa: F401, PLC0415
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("airflow.contrib.operators.nonsense")


def test_an_unknown_name_is_told_its_neighbour() -> None:
    with pytest.raises(
        ImportError, match=r"'BaseOperater' from 'airflow\.sdk'; did you mean 'BaseO"
    ):
        from airflow.sdk import BaseOperater  # noqa: F401, PLC0415
    with pytest.raises(ImportError, match="; did you mean 'BashOperator'"):
        from airflow.operators.bash_operator import BashOperater  # noqa: F401, PLC0415
    with pytest.raises(AttributeError, match="; did you mean 'TaskGroup'"):
        importlib.import_module("airflow.sdk").TaskGrop  # noqa: B018
    assert not hasattr(importlib.import_module("airflow.models"), "Nonsense")


def test_a_function_is_not_hidden_by_the_module_of_its_name() -> None:
    code = "from airflow.decorators import task_group; print(callable(task_group))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"]


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_email_is_there_without_its_provider() -> None:
    operator = importlib.import_module("airflow.operators.email").EmailOperator
    assert operator.__module__ == "airflow.providers.smtp.operators.smtp"
    assert operator(task_id="mail", to="me@here.test", subject="Done", html_content="").to


def test_the_package_is_thin() -> None:
    assert airflow.__version__ == importlib.import_module("airflow.version").version == "3.3.2"
    assert not (PACKAGE / "providers").exists()
    long = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if len(path.read_text().split("\n")) > 80 and f"airflow.{path.stem}" not in OUR_OWN
    }
    assert not long


def test_submodules_are_reached_from_the_package_as_in_1_10() -> None:
    code = (
        "import warnings; warnings.simplefilter('ignore'); import airflow; "
        "print(airflow.utils.dates.days_ago(2).hour, airflow.models.DAG.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "DAG"]


class TestStandardProvider:
    def test_ours_serve_while_no_other_distribution_does(self) -> None:
        bash = importlib.import_module("airflow.providers.standard.operators.bash")
        ours = importlib.import_module("tradewind.integrations.standard.operators.bash")
        assert bash.BashOperator is ours.BashOperator
        assert ours.__spec__ is not None
        assert ours.__spec__.name == ours.__name__
        decorators = importlib.import_module("airflow.providers.standard.decorators.python")
        assert decorators._PythonDecoratedOperator.__module__ == decorators.__name__
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("airflow.providers.standard.operators.nonsense")

    @pytest.mark.parametrize("other", [True, False])
    def test_an_installed_distribution_comes_first(self, tmp_path: Path, other: bool) -> None:
        package = tmp_path / "airflow" / "providers" / ("standard" if other else "amazon")
        for folder, name in (("operators", "BashOperator"), ("decorators", "bash_task")):
            (package / folder).mkdir(parents=True)
            (package / folder / "__init__.py").touch()
            (package / folder / "bash.py").write_text(f"{name} = 'theirs'\n")
        (package / "__init__.py").touch()
        code = (
            "from airflow.providers.standard.operators.bash import BashOperator as b; "
            "import importlib.util as u; from tradewind import task; "
            "assert (task.bash == 'theirs') == (b == 'theirs'); "
            "print(b if isinstance(b, str) else 'ours', bool(u.find_spec("
            "'airflow.providers.amazon.operators.bash')) if b != 'theirs' else '')"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": str(tmp_path)},
        )
        assert done.stdout.split() == (["theirs"] if other else ["ours", "True"])


def test_a_folder_left_behind_does_not_hide_what_moved(tmp_path: Path) -> None:
    """Such as a checkout has where a package was before: nothing but bytecode is in it."""
    (tmp_path / "decorators" / "__pycache__").mkdir(parents=True)
    script = (
        f"import airflow; airflow.__path__.insert(0, {str(tmp_path)!r});"
        "from airflow.decorators import dag; print(dag.__name__)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.stdout, found.stderr) == ("dag\n", "")
