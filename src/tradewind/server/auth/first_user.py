"""The user `admin` of a fresh installation."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tradewind.server.auth.passwords import hash_password
from tradewind.server.auth.roles import Role
from tradewind.storage import users
from tradewind.storage.database import Database

ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class FirstUser:
    """The user that was made; the caller prints the password once."""

    username: str
    password: str
    password_file: Path | None
    """Where a generated password is kept; None if it came from TRADEWIND_ADMIN_PASSWORD."""


def create_first_user(
    database: Database, home: Path, *, now: datetime, environ: Mapping[str, str] = os.environ
) -> FirstUser | None:
    """Make `admin` if there is no user at all; None if there is one.

    The password is TRADEWIND_ADMIN_PASSWORD if set, else a random one, kept in
    home/admin-password for its owner's eyes only.
    """
    with database.read() as conn:
        if users.any_user(conn):
            return None
    given = environ.get("TRADEWIND_ADMIN_PASSWORD", "")
    password = given or secrets.token_urlsafe(12)
    with database.write() as conn:
        users.upsert(
            conn,
            ADMIN,
            password_hash=hash_password(password),
            role=Role.ADMIN.name.lower(),
            now=now,
        )
    if given:
        return FirstUser(ADMIN, password, None)
    path = home / "admin-password"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(password + "\n")
    return FirstUser(ADMIN, password, path)
