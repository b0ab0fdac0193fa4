"""Time zones by name, and moments from what a clock on the wall shows there."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tradewind.model.errors import InvalidSchedule

_OFFSET = re.compile(r"^([+-])(\d{2}):(\d{2})$")


def name_of(zone: str | tzinfo) -> str:
    """The name that `zone_of` turns back into the zone: `Europe/Paris`, `UTC`, `+02:00`."""
    if isinstance(zone, str):
        zone_of(zone)
        return zone
    name = getattr(zone, "key", None) or getattr(zone, "name", None)
    if isinstance(name, str):
        return name
    offset = zone.utcoffset(None)
    if offset is None:
        raise InvalidSchedule(f"the time zone {zone!r} has no name; use one like 'Europe/Paris'")
    if not offset:
        return "UTC"
    sign, minutes = ("-" if offset < timedelta(0) else "+"), abs(offset) // timedelta(minutes=1)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


@cache
def zone_of(name: str) -> tzinfo:
    """The zone of that name; raises InvalidSchedule if there is none."""
    if name.upper() == "UTC":
        return UTC
    if found := _OFFSET.match(name):
        offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-offset if found[1] == "-" else offset)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidSchedule(
            f"there is no time zone {name!r}; use one like 'Europe/Paris' or 'UTC'"
        ) from error


def to_wall(moment: datetime, zone: tzinfo) -> datetime:
    """What a clock on the wall shows at `moment`, as a naive datetime with its fold."""
    return moment.astimezone(zone).replace(tzinfo=None)


def from_wall(wall: datetime, zone: tzinfo) -> datetime:
    """The moment, in UTC, at which the clock shows `wall`.

    A time that occurs twice means its second occurrence; one that is skipped is read on the
    clock as it was before the change, which moves it forward.
    """
    moment = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if to_wall(moment, zone).replace(fold=0) != wall.replace(fold=0):
        moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment


def first_of_fold(wall: datetime, zone: tzinfo) -> datetime:
    """`wall`, or where it is the first of two occurrences, a time before both began."""
    if wall.fold:
        return wall
    first = wall.replace(tzinfo=zone, fold=0).utcoffset()
    second = wall.replace(tzinfo=zone, fold=1).utcoffset()
    if first is None or second is None or first <= second:
        return wall
    return wall - (first - second)
