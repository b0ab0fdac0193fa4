"""DAG and @dag."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "DAG": "tradewind:DAG",
        "dag": "tradewind:dag",
    },
    removed={
        "DagContext": "tradewind.authoring.scopes:DagContext",
    },
)
