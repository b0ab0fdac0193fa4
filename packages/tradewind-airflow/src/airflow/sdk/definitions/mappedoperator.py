"""Mapped operators."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "MappedOperator": "tradewind.authoring.mapping:MappedOperator",
        "OperatorPartial": "tradewind.authoring.mapping:OperatorPartial",
    },
)
