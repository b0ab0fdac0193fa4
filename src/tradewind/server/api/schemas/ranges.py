"""Filters by range and by pattern, as query parameters and in bodies."""

from collections.abc import Mapping

from pydantic import BaseModel

from tradewind.server.api.schemas.fields import Moment
from tradewind.storage.listings.criteria import Range, Search


class RunAfterRange(BaseModel):
    run_after_gte: Moment | None = None
    run_after_gt: Moment | None = None
    run_after_lte: Moment | None = None
    run_after_lt: Moment | None = None


class LogicalDateRange(BaseModel):
    logical_date_gte: Moment | None = None
    logical_date_gt: Moment | None = None
    logical_date_lte: Moment | None = None
    logical_date_lt: Moment | None = None


class StartDateRange(BaseModel):
    start_date_gte: Moment | None = None
    start_date_gt: Moment | None = None
    start_date_lte: Moment | None = None
    start_date_lt: Moment | None = None


class EndDateRange(BaseModel):
    end_date_gte: Moment | None = None
    end_date_gt: Moment | None = None
    end_date_lte: Moment | None = None
    end_date_lt: Moment | None = None


class UpdatedAtRange(BaseModel):
    updated_at_gte: Moment | None = None
    updated_at_gt: Moment | None = None
    updated_at_lte: Moment | None = None
    updated_at_lt: Moment | None = None


class DurationRange(BaseModel):
    duration_gte: float | None = None
    duration_gt: float | None = None
    duration_lte: float | None = None
    duration_lt: float | None = None


class LifeRanges(RunAfterRange, LogicalDateRange, StartDateRange, EndDateRange, DurationRange):
    """What runs and task instances have in common."""


LIFE_RANGES = ("run_after", "logical_date", "start_date", "end_date", "duration")


def range_of(query: BaseModel, name: str) -> Range:
    """The four bounds of one name."""
    return Range(**{bound: getattr(query, f"{name}_{bound}") for bound in Range.__slots__})


def search_of(
    query: BaseModel,
    *,
    ranges: tuple[str, ...] = (),
    texts: Mapping[str, str] | tuple[str, ...] = (),
) -> Search:
    """The conditions a query asks for, of those it has fields for.

    `texts` are the names whose `_pattern` and `_prefix_pattern` count; as a mapping, each with
    the name it has in the listing.
    """
    renamed = texts if isinstance(texts, Mapping) else {name: name for name in texts}
    return Search(
        ranges={name: range_of(query, name) for name in ranges},
        patterns={
            column: pattern
            for name, column in renamed.items()
            if (pattern := getattr(query, f"{name}_pattern")) is not None
        },
        prefixes={
            column: prefix
            for name, column in renamed.items()
            if (prefix := getattr(query, f"{name}_prefix_pattern")) is not None
        },
    )
