"""DAG and @dag."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagModel": "tradewind.authoring.provider_kit.no_database:DagModel",
        "DagOwnerAttributes": "tradewind.authoring.provider_kit.no_database:DagOwnerAttributes",
        "DagTag": "tradewind.authoring.provider_kit.no_database:DagTag",
    },
    deprecated={
        "DAG": "tradewind:DAG",
        "dag": "tradewind:dag",
    },
    removed={
        "DagContext": "tradewind.authoring.scopes:DagContext",
    },
)
