"""Secrets in logs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "configure_logging": "tradewind.authoring.server_kit.task_logs:configure_task_logging",
        "mask_secret": "tradewind.authoring.provider_kit.secret_masking:mask_secret",
        "redact": "tradewind.authoring.provider_kit.secret_masking:redact",
        "relative_path_from_logger": "tradewind.authoring.server_kit.task_logs:relative_path_from_logger",
    },
)
