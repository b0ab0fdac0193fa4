"""`self.log`, and logs that somebody else shows."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExternalLoggingMixin": "tradewind.authoring.server_kit.task_logs:ExternalLoggingMixin",
        "LoggingMixin": "tradewind.authoring.logs:LoggingMixin",
        "remove_escape_codes": "tradewind.authoring.server_kit.task_logs:remove_escape_codes",
    },
)
