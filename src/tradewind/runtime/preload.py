"""What every task is likely to import: done once, before the fork."""

import contextlib
import importlib

_NAMES = (
    "jinja2.nativetypes",
    "jinja2.sandbox",
    "pendulum",
    "tradewind.authoring.templating",
    "tradewind.integrations.standard.operators.bash",
    "tradewind.integrations.standard.operators.empty",
    "tradewind.integrations.standard.operators.python",
    "airflow.sdk",
    "airflow.models",
    "airflow.decorators",
    "airflow.providers.standard.operators.bash",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.python",
)


def preload() -> None:
    """Import the operators, the template engine and, where it is installed, `airflow`."""
    for name in _NAMES:
        with contextlib.suppress(ImportError):  # a DAG file that needs it will say so itself
            importlib.import_module(name)
