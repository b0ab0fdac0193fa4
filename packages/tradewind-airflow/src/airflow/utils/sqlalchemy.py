"""Types of columns."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "UtcDateTime": "tradewind.authoring.server_kit.tables:UtcDateTime",
    },
)
