"""How operators of packages call functions that yield what they say of the assets they write."""

import inspect
from collections.abc import Callable
from functools import wraps
from types import SimpleNamespace
from typing import Any

from tradewind.authoring.asset_events import OutletEventAccessors
from tradewind.authoring.assets import Metadata


def create_executable_runner(
    func: Callable[..., Any], outlet_events: OutletEventAccessors, *, logger: Any
) -> SimpleNamespace:
    """`run` calls `func`; of a generator it notes each Metadata and gives what it returns."""
    if not inspect.isgeneratorfunction(func):
        return SimpleNamespace(run=func)

    @wraps(func)
    def run(*args: Any, **kwargs: Any) -> Any:
        generator = func(*args, **kwargs)
        while True:
            try:
                said = next(generator)
            except StopIteration as end:
                return end.value
            if isinstance(said, Metadata):
                outlet_events.note(said)
            else:
                logger.warning("What is yielded beside Metadata is left out: %r", said)

    return SimpleNamespace(run=run)


def create_async_executable_runner(
    func: Callable[..., Any], outlet_events: OutletEventAccessors, *, logger: Any
) -> SimpleNamespace:
    """`run` awaits `func`; of an asynchronous generator it notes each Metadata and gives the list."""

    @wraps(func)
    async def run(*args: Any, **kwargs: Any) -> Any:
        if not inspect.isasyncgenfunction(func):
            return await func(*args, **kwargs)
        results = []
        async for said in func(*args, **kwargs):
            if isinstance(said, Metadata):
                outlet_events.note(said)
            results.append(said)
        return results

    return SimpleNamespace(run=run)


def context_get_outlet_events(context: Any) -> OutletEventAccessors:
    """What a task says of the assets it writes; a context made by hand gets it."""
    if "outlet_events" not in context:
        context["outlet_events"] = OutletEventAccessors()
    found: OutletEventAccessors = context["outlet_events"]
    return found
