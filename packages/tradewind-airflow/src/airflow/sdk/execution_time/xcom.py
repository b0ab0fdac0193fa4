"""XComs, from within a task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseXCom": "tradewind:BaseXCom",
        "XCom": "tradewind:BaseXCom",
    },
)
