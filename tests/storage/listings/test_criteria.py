"""Ranges, patterns and order, the same on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tradewind.storage.database import Database
from tradewind.storage.listings.criteria import (
    Range,
    Search,
    UnknownOrder,
    duration_s,
    ordering,
)
from tradewind.storage.tables import component

T0 = datetime(2026, 1, 1, tzinfo=UTC)
COLUMNS = {
    "id": component.c.id,
    "started_at": component.c.started_at,
    "problem": component.c.problem,
}


@pytest.fixture
def rows(database: Database) -> Database:
    """Four rows whose ids differ in case and in characters that LIKE knows."""
    names = ["Alpha", "alphabet", "a%b", "a_c"]
    with database.write() as conn:
        for place, name in enumerate(names):
            conn.execute(
                sa.insert(component).values(
                    id=name,
                    kind="test",
                    hostname="here",
                    pid=place,
                    started_at=T0 + timedelta(days=place),
                    heartbeat_at=T0 + timedelta(days=place, microseconds=1_500_000),
                    problem=None if place % 2 else f"p{place}",
                )
            )
    return database


def found(database: Database, **search: Any) -> set[str]:
    query = sa.select(component.c.id).where(*Search(**search).conditions(COLUMNS))
    with database.read() as conn:
        return set(conn.execute(query).scalars())


def test_patterns_and_prefixes(rows: Database) -> None:
    everything = {"Alpha", "alphabet", "a%b", "a_c"}
    for pattern, expected in (
        ("PHA", {"Alpha", "alphabet"}),
        ("l%t", {"alphabet"}),
        ("bet | _c", {"alphabet", "a_c"}),
        ("~", everything),
        ("", everything),
        ("nosuch", set()),
    ):
        assert found(rows, patterns={"id": pattern}) == expected, pattern
    for prefix, expected in (
        ("a", {"alphabet", "a%b", "a_c"}),
        ("A", {"Alpha"}),
        ("a%", {"a%b"}),
        ("a_|Al", {"a_c", "Alpha"}),
        ("~", everything),
    ):
        assert found(rows, prefixes={"id": prefix}) == expected, prefix


def test_ranges(rows: Database) -> None:
    day = timedelta(days=1)
    for bounds, expected in (
        (Range(), {"Alpha", "alphabet", "a%b", "a_c"}),
        (Range(gte=T0 + day, lt=T0 + 2 * day), {"alphabet"}),
        (Range(gt=T0 + day, lte=T0 + 2 * day), {"a%b"}),
    ):
        assert found(rows, ranges={"started_at": bounds}) == expected


def test_what_is_not_set_comes_last_both_ways(rows: Database) -> None:
    with rows.read() as conn:
        for wish, expected in (
            ("problem", ["p0", "p2", None, None]),
            ("-problem", ["p2", "p0", None, None]),
        ):
            order = ordering([wish], COLUMNS, component.c.id)
            query = sa.select(component.c.problem).order_by(*order)
            assert list(conn.execute(query).scalars()) == expected


def test_durations_are_seconds(rows: Database) -> None:
    with rows.read() as conn:
        lasted = duration_s(conn, component.c.started_at, component.c.heartbeat_at)
        values = {float(value) for value in conn.execute(sa.select(lasted)).scalars()}
        long = conn.execute(sa.select(sa.func.count()).select_from(component).where(lasted > 1.4))
        assert values == {1.5}
        assert long.scalar_one() == 4


def test_an_unknown_order_names_the_known_ones() -> None:
    with pytest.raises(UnknownOrder, match=r"'beauty'.*id, problem, started_at"):
        ordering(["-beauty"], COLUMNS)
