"""Lines of JSON."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "JSONFormatter": "tradewind.authoring.server_kit.task_logs:JSONFormatter",
    },
)
