"""Signed tokens that say who a caller is: JWTs with HS512, and nothing else that a JWT can be.

Knows no passwords, no roles and no database. Made by hand because the usual library brings
`cryptography` into every server (9 MB) for algorithms that are never used here.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tradewind.model.clock import Clock
from tradewind.model.errors import UserError

_AUDIENCE = "tradewind"


class InvalidToken(UserError):
    """The token is not one of ours, or no longer good."""


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


_HEADER = _encoded(b'{"alg":"HS512","typ":"JWT"}')
"""The only header there is: a token with another one is refused unread."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one secret."""

    secret: str = field(repr=False)
    clock: Clock

    def make(self, username: str, *, lifetime_s: int) -> str:
        """A token that names `username` for `lifetime_s` seconds."""
        now = self.clock.now()
        claims = {
            "sub": username,
            "aud": _AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=lifetime_s)).timestamp()),
        }
        signed = f"{_HEADER}.{_encoded(json.dumps(claims).encode())}"
        return f"{signed}.{_encoded(self._signature(signed))}"

    def username(self, token: str) -> str:
        """Whom a token names. Raises InvalidToken."""
        claims = self._claims(token)
        if claims["exp"] <= self.clock.now().timestamp():
            raise InvalidToken("the token has expired; get one from POST /auth/token")
        return str(claims["sub"])

    def _claims(self, token: str) -> dict[str, Any]:
        """What a token says, once its signature is known to be ours."""
        signed, _, signature = token.rpartition(".")
        header, _, payload = signed.partition(".")
        try:
            given = _decoded(signature)
            if header == _HEADER and hmac.compare_digest(given, self._signature(signed)):
                claims: dict[str, Any] = json.loads(_decoded(payload))
                if claims.get("aud") == _AUDIENCE and {"sub", "exp"} <= claims.keys():
                    return claims
        except (binascii.Error, ValueError):
            pass  # not even well formed
        raise InvalidToken("the token is not valid; get one from POST /auth/token")

    def _signature(self, signed: str) -> bytes:
        return hmac.new(self.secret.encode(), signed.encode(), hashlib.sha512).digest()
