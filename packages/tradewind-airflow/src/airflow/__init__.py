"""The `airflow` names on Tradewind: thin modules that give the very objects of `tradewind`."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # other distributions bring airflow/providers/...

from airflow import _moved, _standard
from airflow._names import serve
from tradewind.model.version import AIRFLOW_VERSION

__version__ = AIRFLOW_VERSION

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Asset": "tradewind:Asset",
        "DAG": "tradewind:DAG",
        "XComArg": "tradewind:XComArg",
        "configuration": "airflow.configuration",
        "contrib": "airflow.contrib",
        "decorators": "airflow.decorators",
        "exceptions": "airflow.exceptions",
        "hooks": "airflow.hooks",
        "listeners": "airflow.listeners",
        "macros": "airflow.macros",
        "models": "airflow.models",
        "operators": "airflow.operators",
        "plugins_manager": "airflow.plugins_manager",
        "providers_manager": "airflow.providers_manager",
        "sdk": "airflow.sdk",
        "sensors": "airflow.sensors",
        "settings": "airflow.settings",
        "triggers": "airflow.triggers",
        "utils": "airflow.utils",
        "version": "airflow.version",
    },
    deprecated={
        "AirflowException": "tradewind.authoring.errors:AirflowException",
        "Dataset": "tradewind.authoring.assets:Dataset",
    },
)

_moved.install()
_standard.install()
