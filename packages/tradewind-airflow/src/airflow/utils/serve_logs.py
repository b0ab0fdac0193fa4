"""Logs of a worker."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "serve_logs": "tradewind.authoring.server_kit.task_logs:serve_logs",
    },
)
