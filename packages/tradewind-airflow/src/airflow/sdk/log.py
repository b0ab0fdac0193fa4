"""Secrets in logs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "mask_secret": "tradewind.authoring.provider_kit.secret_masking:mask_secret",
        "redact": "tradewind.authoring.provider_kit.secret_masking:redact",
    },
)
