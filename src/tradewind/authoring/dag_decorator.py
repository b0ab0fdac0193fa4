"""@dag: a function whose call makes a DAG of what it creates."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from tradewind.authoring.dag import DAG
from tradewind.authoring.notset import NOTSET
from tradewind.authoring.sites import as_if_at, call_site
from tradewind.authoring.xcom_arg import XComArg


def dag(dag_id: str | Callable[..., Any] = "", **kwargs: Any) -> Any:
    """`@dag`, `@dag("id")` or `@dag(schedule=..., ...)`: takes what DAG takes.

    The function's arguments become params; its docstring becomes doc_md.
    """
    if callable(dag_id):
        return _factory(dag_id, "", kwargs)
    if not isinstance(dag_id, str):
        raise TypeError(f"@dag takes a dag_id (a string) and keyword arguments, not {dag_id!r}")
    return lambda function: _factory(function, dag_id, kwargs)


def _factory(
    function: Callable[..., Any], dag_id: str, kwargs: dict[str, Any]
) -> Callable[..., DAG]:
    if not callable(function):
        raise TypeError(f"@dag goes on a function, not on {function!r}")
    signature = inspect.signature(function)
    site = call_site()

    @functools.wraps(function)
    def make(*args: Any, **given: Any) -> DAG:
        bound = signature.bind(*args, **given)
        bound.apply_defaults()
        arguments = {"dag_id": dag_id or function.__name__, **kwargs}
        if arguments.get("doc_md") is None and function.__doc__:
            arguments["doc_md"] = inspect.cleandoc(function.__doc__)
        with as_if_at(site):
            made = DAG(**arguments)
        with made:
            made.fileloc = inspect.unwrap(function).__code__.co_filename
            passed = {}
            for name, value in bound.arguments.items():
                default = NOTSET if value is None and name in made.params else value
                passed[name] = made.param(name, default)
            returned = function(**passed)
            if isinstance(returned, XComArg):
                made.add_result(returned)
        return made

    return make
