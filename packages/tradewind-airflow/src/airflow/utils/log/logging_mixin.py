"""`self.log`."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "LoggingMixin": "tradewind.authoring.logs:LoggingMixin",
    },
)
