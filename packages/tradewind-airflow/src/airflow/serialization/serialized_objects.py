"""DAGs and tasks as the database has them."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "LazyDeserializedDAG": "tradewind.authoring.provider_kit.no_database:LazyDeserializedDAG",
        "SerializedBaseOperator": "tradewind.authoring.provider_kit.no_database:SerializedBaseOperator",
        "SerializedDAG": "tradewind.authoring.provider_kit.no_database:SerializedDAG",
        "create_scheduler_operator": "tradewind.authoring.provider_kit.no_database:create_scheduler_operator",
    },
)
