"""The decorators behind `@task.NAME`: ours, and those that installed packages bring."""

import importlib
import importlib.util
from typing import Any

from tradewind.authoring import provider_packages
from tradewind.authoring.names import did_you_mean

_PROVIDER = "airflow.providers.standard.decorators"
_STANDARD = "tradewind.integrations.standard.decorators"
_OURS = {
    "bash": "bash.bash_task",
    "branch": "branch_python.branch_task",
    "branch_external_python": "branch_external_python.branch_external_python_task",
    "branch_virtualenv": "branch_virtualenv.branch_virtualenv_task",
    "external_python": "external_python.external_python_task",
    "sensor": "sensor.sensor_task",
    "short_circuit": "short_circuit.short_circuit_task",
    "stub": "stub.stub",
    "virtualenv": "python_virtualenv.virtualenv_task",
}
_BROUGHT_BY = {
    "agent": "common-ai",
    "analytics": "common-sql",
    "docker": "docker",
    "kubernetes": "cncf-kubernetes",
    "kubernetes_cmd": "cncf-kubernetes",
    "llm": "common-ai",
    "pyspark": "apache-spark",
    "snowpark": "snowflake",
    "sql": "common-sql",
}


def _home() -> str:
    """Where `airflow` is installed, its name for them: that is the provider package standard where
    it is there, so that `@task.bash` makes the BashOperator that files import, and else ours."""
    return _STANDARD if importlib.util.find_spec("airflow") is None else _PROVIDER


def decorator(name: str) -> Any:
    """The decorator. Raises AttributeError for a name that nobody brings."""
    if name in _OURS:
        place = f"{_home()}.{_OURS[name]}"
    elif (place := provider_packages.task_decorators().get(name, "")) == "":
        if name in _BROUGHT_BY:
            raise AttributeError(
                f"there is no @task.{name}: no package that is installed brings it; "
                f"it comes with apache-airflow-providers-{_BROUGHT_BY[name]}"
            )
        known = [*_OURS, "python", "run_if", "skip_if", *provider_packages.task_decorators()]
        hint = did_you_mean(name, known)
        raise AttributeError(
            f"there is no @task.{name}: no package that is installed brings it{hint}"
        )
    module, _, attribute = place.rpartition(".")
    return getattr(importlib.import_module(module), attribute)
