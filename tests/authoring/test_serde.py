"""XCom values: what survives the way to another task, and what is refused."""

import json
import math
from collections import OrderedDict, defaultdict, namedtuple
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pendulum
import pytest

from tradewind import DAG, task
from tradewind.authoring import serde, xcoms
from tradewind.authoring.errors import AirflowException, DeserializationError


def there_and_back(value: Any) -> Any:
    return serde.deserialize(json.loads(json.dumps(serde.serialize(value), allow_nan=False)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        2**70,
        10**400,
        1.5,
        "text",
        [1, [2, {"a": None}]],
        (1, (2, "x")),
        {1, 2},
        frozenset({"a"}),
        {"nested": {"t": (1, {2})}},
        datetime(2024, 1, 2, 3, 4, 5, 6),
        datetime(2024, 1, 2, tzinfo=UTC),
        datetime(2024, 7, 2, 12, tzinfo=ZoneInfo("Europe/Paris")),
        date(2024, 1, 2),
        time(3, 4),
        timedelta(days=-1, seconds=5, microseconds=6),
        ZoneInfo("Asia/Tokyo"),
        Decimal("1.10"),
        UUID(int=7),
        math.inf,
    ],
    ids=repr,
)
def test_it_comes_back_as_it_was(value: Any) -> None:
    back = there_and_back(value)
    assert back == value
    assert type(back) is type(value)


def test_pendulum_stays_pendulum_with_its_zone() -> None:
    moment = pendulum.datetime(2024, 7, 1, tz="Europe/Paris")
    back = there_and_back(moment)
    assert isinstance(back, pendulum.DateTime)
    assert back == moment
    assert back.timezone_name == "Europe/Paris"


class Colour(StrEnum):
    RED = "red"


class Size(IntEnum):
    BIG = 3


class Plain(Enum):
    A = 1


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (Colour.RED, "red"),
        (Size.BIG, 3),
        (OrderedDict(a=1), {"a": 1}),
        (defaultdict(int, a=1), {"a": 1}),
        (Point(1, 2), (1, 2)),
        ({1: 2}, {"1": 2}),
    ],
)
def test_close_relatives_come_back_plain(value: Any, back: Any) -> None:
    assert there_and_back(value) == back


def test_not_a_number_comes_back() -> None:
    assert math.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"x", "bytes"),
        (Path("x"), "Path"),
        (range(3), "range"),
        ((i for i in []), "generator"),
        (1j, "complex"),
        (Plain.A, "Plain"),
        (print, "builtin_function_or_method"),
        (object(), "object"),
        ({"a": {"__classname__": 1}}, "reserved"),
    ],
)
def test_anything_else_is_refused_by_type(value: Any, kind: str) -> None:
    with pytest.raises(serde.NotSerialisable, match=kind):
        serde.serialize(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(serde.NotSerialisable, match="contains itself"):
        serde.serialize(value)


def test_an_unknown_class_cannot_be_read() -> None:
    with pytest.raises(DeserializationError, match=r"evil\.Class"):
        serde.deserialize({"__classname__": "evil.Class", "__version__": 1, "__data__": {}})


class TestResults:
    def operator(self, **kwargs: Any) -> Any:
        with DAG("d"):
            return task(**kwargs)(lambda: None).override(task_id="t")().operator

    def test_nothing_is_pushed_for_none_or_when_unwanted(self) -> None:
        assert xcoms.of_result(self.operator(), None) == ()
        assert xcoms.of_result(self.operator(do_xcom_push=False), 1) == ()

    def test_multiple_outputs_are_pushed_beside_the_whole(self) -> None:
        pushed = xcoms.of_result(self.operator(multiple_outputs=True), {"a": 1, "b": (2,)})
        assert [key for key, _ in pushed] == ["a", "b", "return_value"]

    @pytest.mark.parametrize("result", [[1], {1: 2}])
    def test_multiple_outputs_need_a_dict_of_text_keys(self, result: Any) -> None:
        with pytest.raises(AirflowException, match="task 't' has multiple_outputs"):
            xcoms.of_result(self.operator(multiple_outputs=True), result)

    def test_an_unserialisable_result_names_place_type_task_and_way_out(self) -> None:
        with pytest.raises(xcoms.UnserialisableXCom) as caught:
            xcoms.of_result(self.operator(), {"model": [1, b"x"]})
        assert str(caught.value) == (
            "task 't': return value['model'][1] is a bytes, which is no JSON data; return JSON "
            "data (text, numbers, lists, dicts, dates), or store the value elsewhere and return "
            "its path or key"
        )
