"""Names that the context had in 1.10 and 2.x and has no more: what to write today."""

import inspect
import warnings
from collections.abc import Mapping
from types import CodeType
from typing import Any

from tradewind.authoring.lazy_value import LazyValue
from tradewind.authoring.sites import call_site

REPLACED: Mapping[str, str] = {
    "END_DATE": "ds",
    "conf": "airflow.configuration.conf",
    "end_date": "ds",
    "execution_date": "logical_date",
    "latest_date": "ds",
    "next_ds": "data_interval_end | ds",
    "next_ds_nodash": "data_interval_end | ds_nodash",
    "next_execution_date": "data_interval_end",
    "prev_ds": "prev_data_interval_start_success | ds",
    "prev_ds_nodash": "prev_data_interval_start_success | ds_nodash",
    "prev_execution_date": "prev_data_interval_start_success",
    "prev_execution_date_success": "prev_data_interval_start_success",
    "tables": "params",
    "tomorrow_ds": "macros.ds_add(ds, 1)",
    "tomorrow_ds_nodash": "macros.ds_add(ds, 1)",
    "triggering_dataset_events": "triggering_asset_events",
    "yesterday_ds": "macros.ds_add(ds, -1)",
    "yesterday_ds_nodash": "macros.ds_add(ds, -1)",
}
"""The old names, and what to write today."""

UNMISTAKABLE = frozenset(REPLACED) - {"END_DATE", "conf", "end_date", "latest_date", "tables"}
"""Those that nobody writes who does not mean them: a DAG file of Airflow 2 may have no other mark, so
they are there for every DAG that asks for one by name."""

_WITHOUT_ASKING = frozenset(
    f"{side}_{what}" for side in ("next", "prev") for what in ("ds", "ds_nodash", "execution_date")
)


def warn(name: str) -> None:
    """Somebody uses the old `name`."""
    site = call_site()
    message = f"{name!r} was removed from the context in Airflow 3; use {REPLACED[name]!r}"
    warnings.warn_explicit(message, DeprecationWarning, site.file, site.line)


def plain(name: str, value: Any) -> Any:
    """`value` itself where that costs no question: who gets all of the context may want text."""
    if type(value) is LazyValue and name in _WITHOUT_ASKING:
        return value.value()
    return value


def read(name: str, value: Any) -> Any:
    """What a reader gets of `value`, which the context has under `name`."""
    if name in REPLACED:
        warn(name)
    return value.value() if type(value) is LazyValue else value


def named_in(func: Any) -> set[str]:
    """The unmistakable ones that a function's code has as text: `kwargs["execution_date"]`."""
    ahead = [getattr(inspect.unwrap(func), "__code__", None)]
    found: set[str] = set()
    while ahead:
        code = ahead.pop()
        if isinstance(code, CodeType):
            found |= {one for one in code.co_consts if isinstance(one, str)} & UNMISTAKABLE
            ahead += code.co_consts
    return found
