"""Functions that run in another Python. They load, and cannot be run yet.

Served where the reference has them, in `operators.python`.
"""

import inspect
import textwrap
from collections.abc import Callable, Collection, Container, Iterable, Mapping
from pathlib import Path
from types import LambdaType
from typing import Any

from tradewind.authoring.branching import BranchMixIn
from tradewind.authoring.later import later_feature
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.integrations.standard.operators._calling import PythonOperator

_MODULE = "airflow.providers.standard.operators.python"
_SERIALIZERS = ("pickle", "cloudpickle", "dill")


class _BasePythonVirtualenvOperator(PythonOperator):
    """A function whose source is taken along: it imports what it needs within itself."""

    __module__ = _MODULE

    unsupported = ("other Python environments",)

    def __init__(
        self,
        *,
        python_callable: Callable[..., Any],
        serializer: str | None = None,
        op_args: Collection[Any] | None = None,
        op_kwargs: Mapping[str, Any] | None = None,
        string_args: Iterable[str] | None = None,
        expect_airflow: bool = True,
        skip_on_exit_code: int | Container[int] | None = None,
        env_vars: dict[str, str] | None = None,
        inherit_env: bool = True,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(kwargs, {"use_dill": "use_dill"}, type(self).__name__)
        named = f"{type(self).__name__} {kwargs.get('task_id')!r}"
        if isinstance(python_callable, LambdaType) and python_callable.__name__ == "<lambda>":
            raise ValueError(f"{named}: python_callable must be a function, not a lambda")
        if legacy.get("use_dill"):
            serializer = "dill"
        if serializer not in (None, *_SERIALIZERS):
            raise ValueError(
                f"{named}: serializer must be one of {', '.join(_SERIALIZERS)}, not {serializer!r}"
            )
        super().__init__(
            python_callable=python_callable, op_args=op_args, op_kwargs=op_kwargs, **kwargs
        )
        self.serializer = serializer or "pickle"
        self.string_args = list(string_args or ())
        self.expect_airflow = expect_airflow
        self.skip_on_exit_code = (
            {skip_on_exit_code} if isinstance(skip_on_exit_code, int) else skip_on_exit_code or ()
        )
        self.env_vars = env_vars
        self.inherit_env = inherit_env

    def get_python_source(self) -> str:
        """The function's source."""
        return textwrap.dedent(inspect.getsource(self.python_callable))

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature(self.unsupported[0]))


class PythonVirtualenvOperator(_BasePythonVirtualenvOperator):
    """Runs the function in a virtual environment made for it, with `requirements` in it."""

    __module__ = _MODULE

    template_fields: Collection[str] = (
        *PythonOperator.template_fields,
        "requirements",
        "index_urls",
        "index_urls_from_connection_ids",
        "venv_cache_path",
    )
    template_ext = (".txt",)

    def __init__(
        self,
        *,
        requirements: Iterable[str] | str | None = None,
        python_version: str | None = None,
        system_site_packages: bool = True,
        pip_install_options: list[str] | None = None,
        index_urls: list[str] | str | None = None,
        index_urls_from_connection_ids: list[str] | str | None = None,
        venv_cache_path: str | Path | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.requirements = _listed(requirements)
        self.python_version = python_version
        self.system_site_packages = system_site_packages
        self.pip_install_options = pip_install_options
        self.index_urls = None if index_urls is None else _listed(index_urls)
        self.index_urls_from_connection_ids = (
            None
            if index_urls_from_connection_ids is None
            else _listed(index_urls_from_connection_ids)
        )
        self.venv_cache_path = None if venv_cache_path is None else str(venv_cache_path)


class ExternalPythonOperator(_BasePythonVirtualenvOperator):
    """Runs the function with the interpreter at `python`."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("python", *PythonOperator.template_fields)

    def __init__(self, *, python: str, expect_pendulum: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not python:
            raise ValueError(
                f"{type(self).__name__} {self.task_id!r}: python must be the path of an interpreter"
            )
        self.python = python
        self.expect_pendulum = expect_pendulum


class BranchPythonVirtualenvOperator(BranchMixIn, PythonVirtualenvOperator):
    """Follows what the function returns."""

    __module__ = _MODULE


class BranchExternalPythonOperator(BranchMixIn, ExternalPythonOperator):
    """Follows what the function returns."""

    __module__ = _MODULE


def _listed(value: Iterable[str] | str | None) -> list[str] | str:
    """Several lines as a list; one text is a template, or the file that holds it."""
    if value is None:
        return []
    return value if isinstance(value, str) else list(value)
