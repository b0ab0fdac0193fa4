"""Signed tokens that say who a caller is. Knows no passwords, no roles and no database."""

from dataclasses import dataclass, field
from datetime import timedelta

from tradewind.model.clock import Clock
from tradewind.model.errors import UserError

_ALGORITHM = "HS512"
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
        import jwt  # noqa: PLC0415 - brings cryptography along: 9 MB before the first login

        now = self.clock.now()
        claims = {
            "sub": username,
            "aud": _AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + timedelta(seconds=lifetime_s),
        }
        return jwt.encode(claims, self.secret, algorithm=_ALGORITHM)

    def username(self, token: str) -> str:
        """Whom a token names. Raises InvalidToken."""
        import jwt  # noqa: PLC0415 - as above

        try:
            claims = jwt.decode(
                token,
                self.secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={
                    "require": ["sub", "exp"],
                    # by our own clock, below
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise InvalidToken("the token is not valid; get one from POST /auth/token") from error
        if claims["exp"] <= self.clock.now().timestamp():
            raise InvalidToken("the token has expired; get one from POST /auth/token")
        return str(claims["sub"])
