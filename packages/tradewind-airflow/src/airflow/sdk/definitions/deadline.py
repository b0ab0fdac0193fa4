"""Deadlines."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AverageRuntimeDeadline": "tradewind.authoring.deadlines:AverageRuntimeDeadline",
        "BaseDeadlineReference": "tradewind:BaseDeadlineReference",
        "DagRunLogicalDateDeadline": "tradewind.authoring.deadlines:DagRunLogicalDateDeadline",
        "DagRunQueuedAtDeadline": "tradewind.authoring.deadlines:DagRunQueuedAtDeadline",
        "DeadlineAlert": "tradewind:DeadlineAlert",
        "DeadlineReference": "tradewind:DeadlineReference",
        "FixedDatetimeDeadline": "tradewind.authoring.deadlines:FixedDatetimeDeadline",
        "VariableInterval": "tradewind.authoring.deadlines:VariableInterval",
        "deadline_reference": "tradewind:deadline_reference",
    },
)
