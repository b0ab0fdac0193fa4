"""The DAGs of a folder."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagBag": "tradewind.loading.dag_bag:DagBag",
        "FileLoadStat": "tradewind.loading.dag_bag:FileLoadStat",
    },
)
