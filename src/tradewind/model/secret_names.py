"""Which names stand for a secret, and what is shown in its place."""

from typing import Any

MASK = "***"

_TELLTALES = (
    "access_token",
    "api_key",
    "apikey",
    "authorization",
    "keyfile_dict",
    "passphrase",
    "passwd",
    "password",
    "private_key",
    "secret",
    "service_account",
    "token",
)


def is_secret(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    lowered = name.lower().replace("-", "_")
    return any(telltale in lowered for telltale in _TELLTALES)


def secrets_in(value: Any) -> list[str]:
    """Every text that stands under a secret-looking name, anywhere in JSON data."""
    if isinstance(value, dict):
        return [
            secret
            for name, item in value.items()
            for secret in (_texts(item) if is_secret(name) else secrets_in(item))
        ]
    if isinstance(value, list):
        return [secret for item in value for secret in secrets_in(item)]
    return []


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in items for text in _texts(item)]
