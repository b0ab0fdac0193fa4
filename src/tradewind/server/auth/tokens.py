"""Signed tokens that say who a caller is. Knows no passwords, no roles and no database.

They are JWTs (RFC 7519) of one kind, ours: HMAC with SHA-512 under one header. A token with any
other header is not ours, so nothing in it can choose how it is checked. PyJWT would do the same
and bring 9 MB of cryptography along.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tradewind.model.clock import Clock
from tradewind.model.errors import UserError

_AUDIENCE = "tradewind"


class InvalidToken(UserError):
    """The token is not one of ours, or no longer good."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one secret."""

    secret: str = field(repr=False)
    clock: Clock

    def make(self, username: str, *, lifetime_s: int) -> str:
        """A token that names `username` for `lifetime_s` seconds."""
        now = int(self.clock.now().timestamp())
        claims = {
            "sub": username,
            "aud": _AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_s,
        }
        signed = f"{_HEADER}.{_encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def username(self, token: str) -> str:
        """Whom a token names. Raises InvalidToken."""
        signed, _, signature = token.rpartition(".")
        header, _, body = signed.partition(".")
        is_ours = hmac.compare_digest(_ascii(self._signature(signed)), _ascii(signature))
        claims = _decode(body) if is_ours and header == _HEADER else {}
        username, expires_at = claims.get("sub"), claims.get("exp")
        if (
            claims.get("aud") != _AUDIENCE
            or not isinstance(username, str)
            or not isinstance(expires_at, int | float)
        ):
            raise InvalidToken("the token is not valid; get one from POST /auth/token")
        if expires_at <= self.clock.now().timestamp():
            raise InvalidToken("the token has expired; get one from POST /auth/token")
        return username

    def _signature(self, signed: str) -> str:
        return _base64(hmac.digest(self.secret.encode(), _ascii(signed), hashlib.sha512))


def _ascii(text: str) -> bytes:
    """Bytes of a header that may hold anything."""
    return text.encode("utf-8", "backslashreplace")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _encode(data: dict[str, Any]) -> str:
    return _base64(json.dumps(data, separators=(",", ":")).encode())


def _decode(text: str) -> dict[str, Any]:
    """The object that `_encode` wrote; empty if it is none."""
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


_HEADER = _encode({"alg": "HS512", "typ": "JWT"})
