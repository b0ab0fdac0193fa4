"""The names of `airflow.models` that DAG files use."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseOperator": "tradewind:BaseOperator",
        "Connection": "tradewind:Connection",
        "DAG": "tradewind:DAG",
        "DagRun": "tradewind.authoring.run_facts:DagRun",
        "Param": "tradewind:Param",
        "TaskInstance": "tradewind:TaskInstance",
        "Variable": "tradewind:Variable",
    },
    removed={
        "Operator": "tradewind:BaseOperator",
        "XComArg": "tradewind:XComArg",
    },
)
