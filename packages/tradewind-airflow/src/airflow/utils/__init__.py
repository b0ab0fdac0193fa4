"""What DAG files use of `airflow.utils`."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "context": "airflow.utils.context",
        "dates": "airflow.utils.dates",
        "decorators": "airflow.utils.decorators",
        "edgemodifier": "airflow.utils.edgemodifier",
        "helpers": "airflow.utils.helpers",
        "log": "airflow.utils.log",
        "state": "airflow.utils.state",
        "task_group": "airflow.utils.task_group",
        "timezone": "airflow.utils.timezone",
        "trigger_rule": "airflow.utils.trigger_rule",
        "types": "airflow.utils.types",
        "weight_rule": "airflow.utils.weight_rule",
    },
)
