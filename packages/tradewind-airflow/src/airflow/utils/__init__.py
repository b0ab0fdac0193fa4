"""What DAG files use of `airflow.utils`."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "cli": "airflow.utils.cli",
        "context": "airflow.utils.context",
        "dates": "airflow.utils.dates",
        "db": "airflow.utils.db",
        "decorators": "airflow.utils.decorators",
        "deprecation_tools": "airflow.utils.deprecation_tools",
        "edgemodifier": "airflow.utils.edgemodifier",
        "email": "airflow.utils.email",
        "file": "airflow.utils.file",
        "hashlib_wrapper": "airflow.utils.hashlib_wrapper",
        "helpers": "airflow.utils.helpers",
        "log": "airflow.utils.log",
        "net": "airflow.utils.net",
        "operator_helpers": "airflow.utils.operator_helpers",
        "platform": "airflow.utils.platform",
        "process_utils": "airflow.utils.process_utils",
        "session": "airflow.utils.session",
        "state": "airflow.utils.state",
        "strings": "airflow.utils.strings",
        "task_group": "airflow.utils.task_group",
        "timezone": "airflow.utils.timezone",
        "trigger_rule": "airflow.utils.trigger_rule",
        "types": "airflow.utils.types",
        "weight_rule": "airflow.utils.weight_rule",
        "yaml": "airflow.utils.yaml",
    },
)
