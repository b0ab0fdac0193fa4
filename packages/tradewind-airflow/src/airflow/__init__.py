"""The `airflow` names on Tradewind: thin modules that give the very objects of `tradewind`."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)  # other distributions bring airflow/providers/...

from airflow._names import serve
from airflow._standard import install

__version__ = "3.3.2"

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DAG": "tradewind:DAG",
        "XComArg": "tradewind:XComArg",
        "configuration": "airflow.configuration",
        "macros": "airflow.macros",
        "models": "airflow.models",
        "utils": "airflow.utils",
        "version": "airflow.version",
    },
    deprecated={"AirflowException": "tradewind.authoring.errors:AirflowException"},
)

install()
