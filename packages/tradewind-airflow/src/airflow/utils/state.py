"""States of runs and task instances."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagRunState": "tradewind:DagRunState",
        "State": "tradewind.authoring.states:State",
        "TaskInstanceState": "tradewind:TaskInstanceState",
    },
)
