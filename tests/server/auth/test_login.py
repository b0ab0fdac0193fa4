"""Tokens, passwords and the first user."""

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.scheduler.harness import START
from tests.server.crew import Crew
from tradewind.model.clock import ManualClock
from tradewind.server.auth.first_user import create_first_user
from tradewind.server.auth.passwords import hash_password, verify_password
from tradewind.server.auth.roles import Role
from tradewind.server.auth.tokens import InvalidToken, Tokens
from tradewind.storage import users
from tradewind.storage.database import Database

SECRET = "s" * 64


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET, ManualClock(START))


def test_a_token_names_its_user_until_it_expires(tokens: Tokens) -> None:
    token = tokens.make("ann", lifetime_s=60)
    assert tokens.username(token) == "ann"
    assert isinstance(tokens.clock, ManualClock)
    tokens.clock.move_to(START + timedelta(seconds=60))
    with pytest.raises(InvalidToken, match="expired"):
        tokens.username(token)
    assert SECRET not in repr(tokens)


def test_only_our_own_tokens_count(tokens: Tokens) -> None:
    claims = {"sub": "ann", "aud": "tradewind", "exp": START + timedelta(days=1)}
    forged = [
        "",
        "nonsense",
        "a.b.c",
        "ä.ö.ü",
        tokens.make("ann", lifetime_s=60)[:-3] + "abc",
        replace(tokens, secret="x" * 64).make("ann", lifetime_s=60),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, SECRET, algorithm="HS256"),
        jwt.encode({**claims, "aud": "other"}, SECRET, algorithm="HS512"),
        jwt.encode({"sub": "ann", "aud": "tradewind"}, SECRET, algorithm="HS512"),
    ]
    assert (
        jwt.decode(
            tokens.make("ann", lifetime_s=10**9), SECRET, algorithms=["HS512"], audience="tradewind"
        )["sub"]
        == "ann"
    )
    for token in forged:
        with pytest.raises(InvalidToken):
            tokens.username(token)


def test_passwords() -> None:
    stored = hash_password("right")
    assert verify_password("right", stored)
    assert not verify_password("wrong", stored)
    assert not verify_password("", None)
    assert not verify_password("right", "not a hash")


def test_logging_in(database: Database, signed_in: Callable[..., Any], crew: Crew) -> None:
    stranger = signed_in(None)
    with database.write() as conn:
        users.upsert(
            conn, "ann", password_hash=hash_password("pw"), role="user", now=crew.ship.clock.now()
        )
    wrong = stranger.post("/auth/token", json={"username": "ann", "password": "no"})
    assert wrong.status_code == 401
    nobody = stranger.post("/auth/token", json={"username": "eve", "password": "pw"})
    assert nobody.json() == wrong.json() == {"detail": "username or password is wrong"}
    assert stranger.post("/auth/token", json={"username": "ann"}).status_code == 422
    answer = stranger.post("/auth/token", json={"username": "ann", "password": "pw"})
    assert answer.status_code == 201
    assert list(answer.json()) == ["access_token"]
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert stranger.get("/api/v2/dags", headers=bearer).status_code == 200
    basic = stranger.get("/api/v2/dags", headers={"Authorization": "Basic YW5uOnB3"})
    assert basic.status_code == 401
    with database.write() as conn:
        users.delete(conn, "ann")
    assert stranger.get("/api/v2/dags", headers=bearer).status_code == 401


def test_cli_tokens_last_less_long(database: Database, signed_in: Any, crew: Crew) -> None:
    stranger = signed_in(None)
    with database.write() as conn:
        users.upsert(
            conn, "ann", password_hash=hash_password("pw"), role="user", now=crew.ship.clock.now()
        )
    login = {"username": "ann", "password": "pw"}
    tokens = [stranger.post(f"/auth/token{end}", json=login).json() for end in ("", "/cli")]
    crew.ship.clock.move_to(crew.ship.clock.now() + timedelta(seconds=3601))
    statuses = [
        stranger.get(
            "/api/v2/dags", headers={"Authorization": f"Bearer {token['access_token']}"}
        ).status_code
        for token in tokens
    ]
    assert statuses == [200, 401]


def test_the_first_user(database: Database, tmp_path: Path) -> None:
    first = create_first_user(database, tmp_path, now=START, environ={})
    assert first is not None
    assert first.username == "admin"
    assert first.password_file == tmp_path / "admin-password"
    assert first.password_file.read_text() == f"{first.password}\n"
    assert stat.S_IMODE(first.password_file.stat().st_mode) == 0o600
    with database.read() as conn:
        admin = users.get(conn, "admin")
    assert admin is not None
    assert admin.role == Role.ADMIN.name.lower()
    assert verify_password(first.password, admin.password_hash)
    assert create_first_user(database, tmp_path, now=START, environ={}) is None


def test_the_first_users_password_can_be_given(database: Database, tmp_path: Path) -> None:
    first = create_first_user(
        database, tmp_path, now=START, environ={"TRADEWIND_ADMIN_PASSWORD": "given"}
    )
    assert first is not None
    assert (first.password, first.password_file) == ("given", None)
    assert not (tmp_path / "admin-password").exists()
