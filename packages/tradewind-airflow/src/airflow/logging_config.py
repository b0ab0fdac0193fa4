"""How a process logs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "configure_logging": "tradewind.authoring.server_kit.task_logs:configure_logging",
    },
)
