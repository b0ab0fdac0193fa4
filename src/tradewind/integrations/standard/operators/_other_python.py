"""Functions that run in another Python: one that is there, or that of an environment made for them.

Served where the reference has them, in `operators.python`.
"""

import ast
import importlib
import inspect
import os
import pickle
import textwrap
from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import LambdaType
from typing import Any

from tradewind.authoring import callables, timezone
from tradewind.authoring.branching import BranchMixIn
from tradewind.authoring.errors import AirflowException, AirflowSkipException
from tradewind.authoring.lazy_value import LazyValue
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.authoring.variables import Variable
from tradewind.integrations.standard.hooks.package_index import PackageIndexHook
from tradewind.integrations.standard.hooks.subprocess import SubprocessHook
from tradewind.integrations.standard.operators import _called_elsewhere as there
from tradewind.integrations.standard.operators._calling import PythonOperator
from tradewind.integrations.standard.utils.environments import Wanted, environment

CACHE_KEY = "PythonVirtualenvOperator.cache_key"
"""The Variable whose change makes cached environments be made anew."""
_MODULE = "airflow.providers.standard.operators.python"
_SERIALIZERS = ("pickle", "cloudpickle", "dill")


class _BasePythonVirtualenvOperator(PythonOperator):
    """A function whose source is taken along: it imports what it needs within itself."""

    __module__ = _MODULE

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
        self._hook = SubprocessHook()

    def get_python_source(self) -> str:
        """The function's source, without its decorators."""
        module = ast.parse(textwrap.dedent(inspect.getsource(self.python_callable)))
        function = module.body[0]
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            function.decorator_list = []
        return f"from __future__ import annotations\n\n{ast.unparse(module)}\n"

    def execute(self, context: Any) -> Any:
        """Call the function there; what it returns is the result.

        Raises AirflowSkipException for an exit code that says so, AirflowException for any other.
        """
        with self._interpreter() as python, TemporaryDirectory(prefix="tradewind-call-") as folder:
            return self._call(python, Path(folder), context)

    def on_kill(self) -> None:
        """End whatever runs there."""
        self._hook.send_sigterm()

    @contextmanager
    def _interpreter(self) -> Iterator[Path]:
        """The Python that is to call the function."""
        raise NotImplementedError
        yield

    def _call(self, python: Path, folder: Path, context: Any) -> Any:
        serializer = importlib.import_module(self.serializer)
        (folder / there.SOURCE).write_text(self.get_python_source(), encoding="utf-8")
        (folder / there.ARGUMENTS).write_bytes(pickle.dumps(self._arguments(serializer, context)))
        name = getattr(self.python_callable, "__wrapped__", self.python_callable).__name__
        script = folder / "call.py"  # where it lies, Python looks for modules: not beside ours
        script.write_bytes(Path(there.__file__).read_bytes())
        command = [str(python), str(script), str(folder), name, self.serializer]
        exit_code = self._run(command, self._environ())
        if exit_code in self.skip_on_exit_code:
            raise AirflowSkipException(f"skipped, as its process ended with exit code {exit_code}")
        if exit_code != 0:
            failure = folder / there.FAILURE
            reason = failure.read_text(encoding="utf-8") if failure.exists() else "see above"
            raise AirflowException(f"its process ended with exit code {exit_code}: {reason}")
        result = folder / there.RESULT
        return serializer.loads(result.read_bytes()) if result.exists() else None

    def _run(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        return self._hook.run_command(command, env=environ).exit_code

    def _environ(self) -> dict[str, str]:
        inherited = dict(os.environ) if self.inherit_env else {}
        return {**inherited, **(self.env_vars or {})}

    def _arguments(self, serializer: Any, context: Any) -> dict[str, Any]:
        """What the function is called with, each argument written down for itself."""
        offered = {name: None for name in CARRIED if name in context}
        named = callables.determine_kwargs(
            self.python_callable, self.op_args, {**offered, **self.op_kwargs}
        )
        own = {name: self.op_kwargs[name] for name in named if name in self.op_kwargs}
        around = {name: context[name] for name in named if name not in own}
        if "templates_dict" in around:
            around["templates_dict"] = self.templates_dict
        return {
            "args": serializer.dumps(list(self.op_args)),
            "kwargs": {name: serializer.dumps(value) for name, value in own.items()},
            "context": {
                name: tuple(serializer.dumps(form) for form in _forms(value))
                for name, value in around.items()
            },
            "strings": [str(text) for text in self.string_args],
        }


CARRIED = (
    "data_interval_end",
    "data_interval_start",
    "ds",
    "ds_nodash",
    "expanded_ti_count",
    "logical_date",
    "params",
    "prev_data_interval_end_success",
    "prev_data_interval_start_success",
    "prev_end_date_success",
    "prev_start_date_success",
    "run_id",
    "task_instance_key_str",
    "templates_dict",
    "test_mode",
    "ts",
    "ts_nodash",
    "ts_nodash_with_tz",
)
"""What of the context another Python can be told: what is data, and no object of ours."""


def _forms(value: Any) -> tuple[Any, Any]:
    """A value of the context, and the same for a Python without pendulum."""
    if type(value) is LazyValue:  # it says of itself that it is what it stands for
        value = value.value()
    return value, timezone.plain_utc(value) if isinstance(value, datetime) else value


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

    @contextmanager
    def _interpreter(self) -> Iterator[Path]:
        wanted = Wanted(
            requirements=_lines(self.requirements),
            python_version=self.python_version,
            system_site_packages=self.system_site_packages,
            install_options=tuple(self.pip_install_options or ()),
            index_urls=self._indexes(),
            cache_key=Variable.get(CACHE_KEY, "") if self.venv_cache_path else "",
        )
        cache = None if self.venv_cache_path is None else Path(self.venv_cache_path)
        with environment(wanted, cache, self._run) as python:
            yield python

    def _indexes(self) -> tuple[str, ...] | None:
        if self.index_urls is None and self.index_urls_from_connection_ids is None:
            return None
        of_connections = (
            PackageIndexHook(conn_id).get_connection_url()
            for conn_id in _lines(self.index_urls_from_connection_ids)
        )
        return (*_lines(self.index_urls), *filter(None, of_connections))


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

    @contextmanager
    def _interpreter(self) -> Iterator[Path]:
        python = Path(self.python)
        if not python.is_file():
            raise ValueError(f"{type(self).__name__} {self.task_id!r}: there is no {python}")
        yield python


class BranchPythonVirtualenvOperator(BranchMixIn, PythonVirtualenvOperator):
    """Follows what the function returns."""

    __module__ = _MODULE

    def execute(self, context: Any) -> Any:
        """Call the function there, and skip what it does not choose."""
        return self.do_branch(context, super().execute(context))


class BranchExternalPythonOperator(BranchMixIn, ExternalPythonOperator):
    """Follows what the function returns."""

    __module__ = _MODULE

    def execute(self, context: Any) -> Any:
        """Call the function there, and skip what it does not choose."""
        return self.do_branch(context, super().execute(context))


def _listed(value: Iterable[str] | str | None) -> list[str] | str:
    """Several lines as a list; one text is a template, or the file that holds it."""
    if value is None:
        return []
    return value if isinstance(value, str) else list(value)


def _lines(value: list[str] | str | None) -> tuple[str, ...]:
    """What was listed, or the lines of a text, rendered by now."""
    lines = value.splitlines() if isinstance(value, str) else value or ()
    return tuple(line for line in map(str.strip, lines) if line)
