"""The keys that a home keeps for itself: made once, readable by their owner alone."""

import base64
import os
import secrets
from pathlib import Path

from tradewind.config.settings import Settings
from tradewind.model.errors import InvalidSetting


def fernet_key(settings: Settings) -> str:
    """core.fernet_key, else home/fernet-key, which is made if it is not there."""
    if settings.core.fernet_key:
        return settings.core.fernet_key
    fresh = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    return read_or_create(settings.home / "fernet-key", fresh)


def jwt_secret(settings: Settings) -> str:
    """api_auth.jwt_secret, else home/jwt-secret, which is made if it is not there."""
    if settings.api_auth.jwt_secret:
        return settings.api_auth.jwt_secret
    return read_or_create(settings.home / "jwt-secret", secrets.token_urlsafe(48))


def read_or_create(path: Path, fresh: str) -> str:
    """The secret in `path`; `fresh` is put there (0600) if there is none.

    Several processes may do this at once: all get the same. Raises InvalidSetting for an empty
    file.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # fails if another process was first: then its secret counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    secret = path.read_text(encoding="utf-8").strip()
    if not secret:
        raise InvalidSetting(f"{path} is empty; remove it to have a new one made")
    return secret
