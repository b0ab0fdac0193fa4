"""What runs a task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "supervise": "tradewind.authoring.server_kit.executors:supervise",
    },
)
