"""DagBag."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DBDagBag": "tradewind.authoring.provider_kit.no_database:DBDagBag",
    },
    deprecated={
        "DagBag": "tradewind.loading.dag_bag:DagBag",
    },
)
