"""`timezone`: dates with and without a zone, as `airflow.sdk.timezone` offers it."""

from datetime import UTC, timedelta, tzinfo
from datetime import datetime as _datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tradewind.authoring import configuration, watch
from tradewind.authoring.lazy import LazyModule

if TYPE_CHECKING:
    import pendulum
else:
    pendulum = LazyModule("pendulum")

utc: tzinfo = UTC


def default_timezone() -> tzinfo:
    """The zone of dates that name none: [core] default_timezone."""
    name = configuration.current().core.default_timezone
    if name.lower() == "utc":
        return UTC
    if name.lower() == "system":
        local = _datetime.now().astimezone().tzinfo
        return local or UTC
    return ZoneInfo(name)


def is_localized(value: _datetime) -> bool:
    """Whether a date has a zone."""
    return value.utcoffset() is not None


def is_naive(value: _datetime) -> bool:
    """Whether a date has no zone."""
    return value.utcoffset() is None


def utcnow() -> _datetime:
    """Now, in UTC. A DAG file that asks is read again often, as its meaning moves with time."""
    watch.note_unwatchable("the clock")
    return _datetime.now(UTC)


def convert_to_utc(value: _datetime | None) -> _datetime | None:
    """The same moment in UTC; a date without a zone is one of the default zone."""
    if value is None:
        return None
    if is_naive(value):
        value = value.replace(tzinfo=default_timezone())
    return value.astimezone(UTC)


def plain_utc(value: _datetime) -> _datetime:
    """The same moment in UTC as Python's own datetime, whatever subclass it was."""
    moment = (
        value if is_localized(value) else value.replace(tzinfo=default_timezone())
    ).astimezone(UTC)
    return _datetime.fromisoformat(moment.isoformat())


def make_aware(value: _datetime | None, timezone: tzinfo | None = None) -> _datetime | None:
    """`value` with a zone. Raises ValueError if it has one."""
    if value is None:
        return None
    if is_localized(value):
        raise ValueError(f"make_aware expects a datetime without a zone, got {value}")
    return value.replace(tzinfo=timezone or default_timezone())


def make_naive(value: _datetime, timezone: tzinfo | None = None) -> _datetime:
    """The wall-clock time in `timezone`, without a zone. Raises ValueError if it has none."""
    if is_naive(value):
        raise ValueError(f"make_naive expects a datetime with a zone, got {value}")
    return value.astimezone(timezone or default_timezone()).replace(tzinfo=None)


def datetime(*args: Any, **kwargs: Any) -> _datetime:
    """A date of the default zone unless tzinfo is given."""
    kwargs.setdefault("tzinfo", default_timezone())
    return _datetime(*args, **kwargs)  # noqa: DTZ001


def parse(
    string: str, timezone: tzinfo | None = None, *, strict: bool = False
) -> "pendulum.DateTime":
    """A date from text, of the default zone unless the text names one."""
    value = pendulum.parse(string, tz=timezone or default_timezone(), strict=strict)
    if not isinstance(value, _datetime):
        raise ValueError(f"{string!r} is not a date with a time")
    return pendulum.instance(value)


def coerce_datetime(
    value: _datetime | None, tz: tzinfo | None = None
) -> "pendulum.DateTime | None":
    """`value` as a pendulum DateTime with a zone."""
    if value is None:
        return None
    if is_naive(value):
        value = value.replace(tzinfo=tz or default_timezone())
    return pendulum.instance(value)


def from_timestamp(timestamp: float, tz: tzinfo | str | None = None) -> "pendulum.DateTime":
    """The date of a Unix timestamp, in UTC unless `tz` is given: a zone, its name, or `local`."""
    if isinstance(tz, str):
        tz = pendulum.tz.get_local_timezone() if tz == "local" else ZoneInfo(tz)
    return pendulum.instance(_datetime.fromtimestamp(timestamp, tz or UTC))


def zone_name(zone: tzinfo | None) -> str:
    """How a zone is written in a Plan: its name, or `+05:30` for a fixed offset."""
    if zone is None or zone is UTC:
        return "UTC"
    name = getattr(zone, "key", None) or getattr(zone, "name", None) or getattr(zone, "zone", None)
    if isinstance(name, str) and name and name[0] not in "+-":
        return "UTC" if name.lower() in ("utc", "z") else name
    offset = zone.utcoffset(None) or zone.utcoffset(_datetime.min) or timedelta(0)  # noqa: DTZ901
    minutes = int(offset.total_seconds() // 60)
    if minutes == 0:
        return "UTC"
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
