"""Every name of five lists of what people and packages import of `airflow` is there."""

import importlib
import inspect
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from airflow import _moved

FOLDER = Path(__file__).parent
ONE_FOR_TWO = {
    "airflow.models.connection.Connection": "airflow.sdk.definitions.connection.Connection",
    "airflow.models.dagrun.DagRun": "airflow.models.dagrun.DagRun",
    "airflow.models.taskinstance.TaskInstance": (
        "airflow.sdk.execution_time.task_runner.RuntimeTaskInstance"
    ),
    "airflow.models.variable.Variable": "airflow.sdk.definitions.variable.Variable",
    "airflow.sdk._shared.configuration.exceptions.AirflowConfigException": (
        "airflow._shared.configuration.exceptions.AirflowConfigException"
    ),
    "airflow.sdk._shared.plugins_manager.plugins_manager.AirflowPlugin": (
        "airflow._shared.plugins_manager.plugins_manager.AirflowPlugin"
    ),
}
"""Classes that Airflow has twice, for servers and for tasks, and we once."""
OF_OUR_OWN = {
    "airflow.sdk.definitions.context.Context",  # a dict
    "airflow.utils.state.DagRunState",
    "airflow.utils.state.TaskInstanceState",
    "airflow.utils.types.DagRunType",
}
"""Nouns of `tradewind.model`, which knows of no other package."""
NOT_OURS = ("airflow.example_dags", "airflow.contrib.example_dags")
"""Airflow's own examples; they import each other."""
SERVERS_OF_THEIRS = {("airflow.api_fastapi.app", "create_app")}


def listed(file: str) -> list[tuple[str, str]]:
    """(module, name) of every entry."""
    text = (FOLDER / file).read_text().replace("\n  ", " ")
    found = []
    for line in text.splitlines():
        if not line.startswith("#"):
            module, _, names = line.partition(":")
            found += [(module, name.removeprefix("(module)")) for name in names.split() or [""]]
    return found


def get(module: str, name: str) -> Any:
    """What `from module import name` gives."""
    found = importlib.import_module(module)
    if not name:
        return found
    try:
        return getattr(found, name)
    except AttributeError:
        return importlib.import_module(f"{module}.{name}")


def is_installed(provider: str) -> bool:
    try:
        version(f"apache-airflow-providers-{provider}")
    except PackageNotFoundError:
        return False
    return True


@pytest.mark.parametrize(
    ("module", "entry"),
    [*listed("provider_imports.txt"), *listed("server_imports.txt")],
    ids=lambda value: value.partition("=")[0],
)
def test_what_provider_packages_import_is_there_under_its_class_path(
    module: str, entry: str
) -> None:
    name, is_class, path = entry.partition("=")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = get(module, name)
    path = path or f"{module}.{name}"
    if is_class and path not in OF_OUR_OWN:
        assert inspect.isclass(found)
        assert f"{found.__module__}.{found.__qualname__}" == ONE_FOR_TWO.get(path, path)


@pytest.mark.parametrize(("module", "name"), listed("first_paths.txt"))
def test_common_compat_finds_what_it_needs_at_the_first_place(module: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = importlib.import_module(module)
        if name:
            assert getattr(found, name) is not None


@pytest.mark.parametrize(("module", "name"), listed("dag_file_imports.txt"))
def test_what_example_dag_files_import_is_there(module: str, name: str) -> None:
    if module.startswith(NOT_OURS) or (module, name) in SERVERS_OF_THEIRS:
        with pytest.raises(ImportError):
            get(module, name)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            get(module, name)
        except ImportError as error:
            assert "`tradewind providers install " in str(error)


def legacy() -> Iterator[tuple[str, str]]:
    gone = set(GONE)
    yield from (entry for entry in listed("legacy.txt") if entry not in gone)


GONE = [
    ("airflow.contrib.task_runner.cgroup_task_runner", "CgroupTaskRunner"),
    (
        "airflow.contrib.utils.log.task_handler_with_custom_formatter",
        "TaskHandlerWithCustomFormatter",
    ),
    ("airflow.operators.subdag_operator", "SkippedStatePropagationOptions"),
    # inner works of Airflow, or links of pages that we have not
    ("airflow.models.abstractoperator", "AbstractOperator"),
    ("airflow.utils.decorators", "fixup_decorator_warning_stack"),
    ("airflow.utils.decorators", "remove_task_decorator"),
    ("airflow.utils.helpers", "prevent_duplicates"),
    ("airflow.utils.helpers", "render_template_as_native"),
    ("airflow.utils.helpers", "render_template_to_string"),
    ("airflow.utils.setup_teardown", "BaseSetupTeardownContext"),
    ("airflow.sensors.external_task", "ExternalDagLink"),
    ("airflow.sensors.external_task_sensor", "ExternalTaskSensorLink"),
]
"""Nothing is in their place."""


def test_every_name_of_earlier_days_leads_to_its_home_with_a_warning() -> None:
    seen = {"ours": 0, "a provider's": 0}
    for module, name in legacy():
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                get(module, name)
            except ImportError as error:
                assert "not installed" in str(error) and " and airflow is" not in str(error), (
                    f"{module}.{name}: {error}"
                )
                seen["a provider's"] += 1
                continue
        seen["ours"] += 1
        messages = [str(warning.message) for warning in told]
        assert any(
            f"{module}.{name} " in message and "; use " in message for message in messages
        ), f"{module}.{name}: {messages}"
    assert seen["a provider's"] > 600 or is_installed("common-sql")
    assert seen["ours"] > 80


def test_what_is_gone_for_good_is_an_import_error() -> None:
    for module, name in GONE:
        with pytest.raises(ImportError):
            get(module, name)


def test_the_table_is_well_formed() -> None:
    for module, entry in _moved.table().items():
        assert module.startswith("airflow.")
        assert not entry.deprecated.keys() & entry.removed.keys()
        for place in (*entry.deprecated.values(), *entry.removed.values()):
            home, _, name = place.partition(":")
            assert all(word.isidentifier() for word in (*home.split("."), name)), place
