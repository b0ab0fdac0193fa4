"""Password hashes (argon2id). Knows no users."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher


def hash_password(password: str) -> str:
    """What is stored in place of a password."""
    return _hasher().hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Whether `password` is the one `stored` was made from.

    Takes as long when there is no such user, so that an answer's time tells nothing.
    """
    from argon2.exceptions import InvalidHashError, VerifyMismatchError  # noqa: PLC0415

    try:
        return _hasher().verify(stored or _of_nobody(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # noqa: PLC0415

    # 19 MiB, two passes, one lane: OWASP's recommendation; the library's 64 MiB would be the
    # largest thing this process ever allocates.
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


_nobody: list[str] = []


def _of_nobody() -> str:
    if not _nobody:
        _nobody.append(hash_password(""))
    return _nobody[0]
