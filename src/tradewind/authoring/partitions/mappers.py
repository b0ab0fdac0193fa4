"""Partition mappers: from an upstream key to the downstream key, or keys, it belongs to.

Values: `core` does the mapping by what `as_data` says.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, tzinfo
from typing import Any, ClassVar

from tradewind.authoring.partitions.windows import (
    DayWindow,
    MonthWindow,
    QuarterWindow,
    WaitForAll,
    WaitPolicy,
    WeekWindow,
    Window,
    YearWindow,
)
from tradewind.authoring.timezone import zone_name

_HOME = "airflow.sdk.definitions.partition_mappers"


@dataclass(frozen=True, kw_only=True)
class PartitionMapper:
    """At most `max_downstream_keys` keys come of one; None: the option's number."""

    is_rollup: ClassVar[bool] = False
    expected_decoded_type: ClassVar[type] = str

    max_downstream_keys: int | None = None

    def __post_init__(self) -> None:
        limit = self.max_downstream_keys
        if limit is not None and (not isinstance(limit, int) or limit <= 0):
            raise ValueError(
                f"{type(self).__name__}: max_downstream_keys must be above 0 or None, not {limit!r}"
            )

    def as_data(self) -> dict[str, Any]:
        """The mapper as data."""
        own = {name: _plain(value) for name, value in vars(self).items() if value is not None}
        kind = type(self)
        ours = kind.__module__.startswith(_HOME)
        return {"kind": kind.__name__ if ours else f"{kind.__module__}.{kind.__qualname__}", **own}


def _plain(value: Any) -> Any:
    if isinstance(value, PartitionMapper | Window):
        return value.as_data()
    if isinstance(value, WaitPolicy):
        return {"kind": type(value).__name__, **asdict(value)}  # type: ignore[call-overload]
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


@dataclass(frozen=True, kw_only=True)
class IdentityMapper(PartitionMapper):
    """The same key."""

    def to_downstream(self, key: str) -> str:
        """The downstream key."""
        return key


@dataclass(frozen=True)
class FixedKeyMapper(PartitionMapper):
    """One key for all."""

    downstream_key: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.downstream_key, str) or not self.downstream_key:
            raise ValueError(f"FixedKeyMapper: a key is text, not {self.downstream_key!r}")

    def to_downstream(self, key: str) -> str:
        """The downstream key."""
        return self.downstream_key


@dataclass(frozen=True)
class AllowedKeyMapper(PartitionMapper):
    """The same key; those not listed are refused."""

    allowed_keys: list[str]


@dataclass(frozen=True, init=False, kw_only=True)
class _Several(PartitionMapper):
    mappers: tuple[PartitionMapper, ...]

    def _take(self, mappers: tuple[PartitionMapper, ...], limit: int | None) -> None:
        for mapper in mappers:
            if not isinstance(mapper, PartitionMapper):
                raise TypeError(f"{type(self).__name__} takes partition mappers, not {mapper!r}")
        object.__setattr__(self, "max_downstream_keys", limit)
        object.__setattr__(self, "mappers", mappers)
        self.__post_init__()


@dataclass(frozen=True, init=False, kw_only=True)
class ChainMapper(_Several):
    """One mapper after the other."""

    def __init__(
        self,
        mapper0: PartitionMapper,
        mapper1: PartitionMapper,
        /,
        *mappers: PartitionMapper,
        max_downstream_keys: int | None = None,
    ) -> None:
        self._take((mapper0, mapper1, *mappers), max_downstream_keys)


@dataclass(frozen=True, init=False, kw_only=True)
class ProductMapper(_Several):
    """One mapper for each segment of a key."""

    delimiter: str

    def __init__(
        self,
        mapper0: PartitionMapper,
        mapper1: PartitionMapper,
        /,
        *mappers: PartitionMapper,
        delimiter: str = "|",
        max_downstream_keys: int | None = None,
    ) -> None:
        self._take((mapper0, mapper1, *mappers), max_downstream_keys)
        object.__setattr__(self, "delimiter", delimiter)


@dataclass(frozen=True, kw_only=True)
class _StartOfMapper(PartitionMapper):
    expected_decoded_type = datetime
    default_output_format: ClassVar[str]

    timezone: str | tzinfo = "UTC"
    input_format: str = "%Y-%m-%dT%H:%M:%S"
    output_format: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        zone = self.timezone if isinstance(self.timezone, str) else zone_name(self.timezone)
        object.__setattr__(self, "timezone", zone)
        object.__setattr__(self, "output_format", self.output_format or self.default_output_format)


@dataclass(frozen=True, kw_only=True)
class StartOfHourMapper(_StartOfMapper):
    """The hour a moment lies in."""

    default_output_format = "%Y-%m-%dT%H"


@dataclass(frozen=True, kw_only=True)
class StartOfDayMapper(_StartOfMapper):
    """The day a moment lies in."""

    default_output_format = "%Y-%m-%d"


@dataclass(frozen=True, kw_only=True)
class StartOfWeekMapper(_StartOfMapper):
    """The week a moment lies in."""

    default_output_format = "%Y-%m-%d (W%V)"


@dataclass(frozen=True, kw_only=True)
class StartOfMonthMapper(_StartOfMapper):
    """The month a moment lies in."""

    default_output_format = "%Y-%m"


@dataclass(frozen=True, kw_only=True)
class StartOfQuarterMapper(_StartOfMapper):
    """The quarter a moment lies in."""

    default_output_format = "%Y-Q{quarter}"


@dataclass(frozen=True, kw_only=True)
class StartOfYearMapper(_StartOfMapper):
    """The year a moment lies in."""

    default_output_format = "%Y"


def _check_fit(owner: object, mapper: PartitionMapper, window: Window) -> None:
    if not isinstance(mapper, PartitionMapper) or not isinstance(window, Window):
        raise TypeError(
            f"{type(owner).__name__} needs a partition mapper and a window, "
            f"not {mapper!r} and {window!r}"
        )
    if mapper.expected_decoded_type is not window.expected_decoded_type:
        raise TypeError(
            f"{type(owner).__name__}: {type(window).__name__} is of "
            f"{window.expected_decoded_type.__name__} keys, and {type(mapper).__name__} gives "
            f"{mapper.expected_decoded_type.__name__} keys"
        )


@dataclass(frozen=True, kw_only=True)
class RollupMapper(PartitionMapper):
    """The keys of a window make one key."""

    is_rollup = True

    upstream_mapper: PartitionMapper
    window: Window
    wait_policy: WaitPolicy = field(default_factory=WaitForAll)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_fit(self, self.upstream_mapper, self.window)


@dataclass(frozen=True, kw_only=True)
class FanOutMapper(PartitionMapper):
    """One key makes all keys of a window, each spelled by `downstream_mapper`."""

    upstream_mapper: PartitionMapper
    window: Window
    downstream_mapper: PartitionMapper | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_fit(self, self.upstream_mapper, self.window)
        if self.downstream_mapper is None:
            usual = _SMALLER.get(type(self.window))
            if usual is None:
                raise ValueError(
                    f"FanOutMapper: {type(self.window).__name__} has no usual downstream_mapper: "
                    "give one"
                )
            object.__setattr__(self, "downstream_mapper", usual())


_SMALLER: Mapping[type[Window], type[PartitionMapper]] = {
    DayWindow: StartOfHourMapper,
    WeekWindow: StartOfDayMapper,
    MonthWindow: StartOfDayMapper,
    QuarterWindow: StartOfMonthMapper,
    YearWindow: StartOfMonthMapper,
}

for _file, _classes in {
    "base": (PartitionMapper, RollupMapper),
    "identity": (IdentityMapper,),
    "fixed_key": (FixedKeyMapper,),
    "allowed_key": (AllowedKeyMapper,),
    "chain": (ChainMapper,),
    "product": (ProductMapper,),
    "temporal": (
        FanOutMapper,
        StartOfHourMapper,
        StartOfDayMapper,
        StartOfWeekMapper,
        StartOfMonthMapper,
        StartOfQuarterMapper,
        StartOfYearMapper,
    ),
}.items():
    for _class in _classes:
        _class.__module__ = f"{_HOME}.{_file}"
