"""Logs of tasks in files."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "FileTaskHandler": "tradewind.authoring.server_kit.task_logs:FileTaskHandler",
        "LogMetadata": "tradewind.authoring.server_kit.task_logs:LogMetadata",
        "StructuredLogMessage": "tradewind.authoring.server_kit.task_logs:StructuredLogMessage",
    },
)
