"""Timetables of partitioned DAGs: each run is for one key. Their keys are worked out by core."""

from datetime import timedelta, tzinfo
from typing import Any, Self

from tradewind.model.errors import InvalidSchedule
from tradewind.timetables import durations
from tradewind.timetables.assets import AssetTriggeredTimetable, Expression
from tradewind.timetables.durations import Duration
from tradewind.timetables.simple import NullTimetable
from tradewind.timetables.trigger import CronTriggerTimetable

KEY_FORMAT = "%Y-%m-%dT%H:%M:%S"


class CronPartitionTimetable(CronTriggerTimetable):
    """A run at each tick; its key is the tick moved by `run_offset` (ticks, or a length of time)."""

    kind = "cron_partition"

    def __init__(
        self,
        cron: str,
        *,
        timezone: str | tzinfo = "",
        run_offset: int | Duration | None = None,
        run_immediately: bool | timedelta = False,
        key_format: str = KEY_FORMAT,
    ) -> None:
        if not timezone:
            raise InvalidSchedule("CronPartitionTimetable needs timezone=, such as timezone='UTC'")
        super().__init__(cron, timezone, run_immediately=run_immediately)
        if isinstance(run_offset, bool):
            raise InvalidSchedule(f"run_offset must be a number of ticks, not {run_offset!r}")
        self.run_offset = run_offset
        self.key_format = key_format

    def args(self) -> dict[str, Any]:
        args = super().args()
        if isinstance(self.run_offset, int):
            args["offset_ticks"] = self.run_offset
        elif self.run_offset is not None:
            args["offset"] = durations.to_json(self.run_offset)
        if self.key_format != KEY_FORMAT:
            args["key_format"] = self.key_format
        return args

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        offset: int | Duration | None = args.get("offset_ticks")
        if "offset" in args:
            offset = durations.from_json(args["offset"])
        at_once = args.get("run_immediately", False)
        return cls(
            args["expression"],
            timezone=args["timezone"],
            run_offset=offset,
            run_immediately=at_once if isinstance(at_once, bool) else timedelta(seconds=at_once),
            key_format=args.get("key_format", KEY_FORMAT),
        )


class PartitionedAssetsTimetable(AssetTriggeredTimetable):
    """A run for each key that the assets have, mapped as `mappers` say."""

    kind = "partitioned_assets"
    summary = "Partitioned Asset"
    description = "Triggered by partitions of assets"

    def __init__(self, expression: Expression, mappers: dict[str, Any]) -> None:
        """`mappers`: {"default": mapper, "by_asset": [[asset expression, mapper], ...]}."""
        super().__init__(expression)
        self.mappers = mappers

    def args(self) -> dict[str, Any]:
        return {**super().args(), "mappers": self.mappers}

    @classmethod
    def from_args(cls, args: dict[str, Any]) -> Self:
        return cls(args["assets"], args["mappers"])


class PartitionedAtRuntime(NullTimetable):
    """Never runs by itself; a run's task says which keys it wrote."""

    kind = "partitioned_at_runtime"
    partitioned_at_runtime = True
    description = "Partitioned while it runs"

    def __init__(self) -> None:
        super().__init__()


def is_partitioned(kind: str) -> bool:
    """Whether the runs of a timetable of this kind are for keys."""
    return kind in (
        CronPartitionTimetable.kind,
        PartitionedAssetsTimetable.kind,
        PartitionedAtRuntime.kind,
    )
