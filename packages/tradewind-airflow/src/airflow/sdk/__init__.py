"""What DAG files import: `from airflow.sdk import DAG, task, ...`, all that `tradewind` has."""

import tradewind
from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        **{
            name: f"tradewind:{name}" for name in tradewind.__all__ if name != "RuntimeTaskInstance"
        },
        "lineage": "airflow.sdk.lineage",
        "macros": "airflow.sdk.execution_time.macros",
        "timezone": "airflow.sdk.timezone",
    },
)
