"""BaseOperator and the wiring helpers."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseAsyncOperator": "tradewind:BaseAsyncOperator",
        "BaseOperator": "tradewind:BaseOperator",
        "BaseOperatorMeta": "tradewind.authoring.default_args:OperatorMeta",
        "DB_SAFE_MAXIMUM": "tradewind.authoring.provider_kit.task_defaults:DB_SAFE_MAXIMUM",
        "DB_SAFE_MINIMUM": "tradewind.authoring.provider_kit.task_defaults:DB_SAFE_MINIMUM",
        "chain": "tradewind:chain",
        "chain_linear": "tradewind:chain_linear",
        "cross_downstream": "tradewind:cross_downstream",
        "db_safe_priority": "tradewind.authoring.provider_kit.task_defaults:db_safe_priority",
    },
)
