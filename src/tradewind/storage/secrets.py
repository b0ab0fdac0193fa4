"""Encrypts what the database keeps secret: connection passwords and extras, variables."""

from typing import Any

from tradewind.model.errors import InvalidSetting, UserError


class Cipher:
    """Fernet under one key, or several separated by commas: the first encrypts, all decrypt."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._fernet: Any = None

    def encrypt(self, text: str) -> str:
        """Raises InvalidSetting if the key is not one."""
        return str(self._opened().encrypt(text.encode("utf-8", "surrogatepass")).decode("ascii"))

    def decrypt(self, token: str) -> str:
        """Raises UserError if the token was made with another key."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415

        try:
            return str(self._opened().decrypt(token.encode()).decode("utf-8", "surrogatepass"))
        except InvalidToken as error:
            raise UserError(
                "a stored secret was encrypted with another key: put the old one back, "
                "as core.fernet_key = NEW,OLD"
            ) from error

    def encrypt_optional(self, text: str | None) -> str | None:
        """As `encrypt`; None stays None."""
        return None if text is None else self.encrypt(text)

    def decrypt_optional(self, token: str | None) -> str | None:
        """As `decrypt`; None stays None."""
        return None if token is None else self.decrypt(token)

    def _opened(self) -> Any:
        if self._fernet is None:
            from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

            try:
                keys = [Fernet(key.strip()) for key in self._key.split(",") if key.strip()]
            except ValueError as error:
                raise InvalidSetting(
                    "core.fernet_key must be 32 bytes in URL-safe base64"
                ) from error
            if not keys:
                raise InvalidSetting("core.fernet_key is empty: secrets cannot be kept or read")
            self._fernet = MultiFernet(keys)
        return self._fernet


def generate_key() -> str:
    """A new random key."""
    from cryptography.fernet import Fernet  # noqa: PLC0415

    return Fernet.generate_key().decode("ascii")
