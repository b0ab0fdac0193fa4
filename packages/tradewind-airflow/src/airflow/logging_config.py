"""How a process logs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "_ActiveLoggingConfig": "tradewind.authoring.server_kit.task_logs:ActiveLoggingConfig",
        "configure_logging": "tradewind.authoring.server_kit.task_logs:configure_logging",
        "get_remote_task_log": "tradewind.authoring.server_kit.task_logs:get_remote_task_log",
    },
)
