"""Secrets in logs."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "Redactable": "tradewind.authoring.provider_kit.secret_masking:Redactable",
        "Redacted": "tradewind.authoring.provider_kit.secret_masking:Redacted",
        "SecretsMasker": "tradewind.authoring.provider_kit.secret_masking:SecretsMasker",
        "_secrets_masker": "tradewind.authoring.provider_kit.secret_masking:secrets_masker",
        "mask_secret": "tradewind.authoring.provider_kit.secret_masking:mask_secret",
        "redact": "tradewind.authoring.provider_kit.secret_masking:redact",
        "should_hide_value_for_key": "tradewind.authoring.provider_kit.secret_masking:should_hide_value_for_key",
    },
)
