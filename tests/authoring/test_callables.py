"""What of the context a function is given."""

import functools
import inspect
from typing import Any

import pytest

from tradewind.authoring import callables


def plain(a, b, /, c, *, d=1): ...
def anything(a, *args, **kwargs): ...
def nothing(): ...
def keyword(*args, ds, **more): ...


@functools.wraps(plain)
def wrapped(*args: Any, **kwargs: Any) -> None: ...


@pytest.mark.parametrize("func", [plain, anything, nothing, keyword, lambda ti, x=2: x])
def test_a_plain_function_tells_by_its_code_what_its_signature_says(func: Any) -> None:
    told = callables._parameters(func)
    signature = inspect.signature(func).parameters
    kinds = {name: item.kind for name, item in signature.items()}
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    by_name = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    assert told.positional == tuple(name for name in kinds if kinds[name] in by_position)
    assert told.by_name == tuple(name for name in kinds if kinds[name] in by_name)
    assert set(told.all_names) == set(signature)
    assert told.takes_any == (inspect.Parameter.VAR_KEYWORD in kinds.values())


def test_a_wrapped_function_takes_what_the_one_within_takes() -> None:
    assert callables._parameters(wrapped).by_name == ("c", "d")


def test_only_what_is_named_is_passed() -> None:
    given = callables.determine_kwargs(plain, (1, 2), {"c": 3, "d": 4, "ds": "2024-01-01"})
    assert given == {"c": 3, "d": 4}


def test_a_coroutine_function_is_known_however_it_is_wrapped() -> None:
    async def work() -> None: ...

    class Works:
        async def __call__(self) -> None: ...

    @functools.wraps(work)
    def wrapped() -> Any:
        return work()

    for function in (work, wrapped, functools.partial(work), Works(), functools.partial(Works())):
        assert callables.is_async_callable(function)
    for thing in (len, lambda: None, None, 1, Works):
        assert not callables.is_async_callable(thing)
