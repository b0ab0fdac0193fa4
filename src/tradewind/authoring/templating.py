"""Jinja: environments, rendering, files. Imported when the first template is rendered."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.nativetypes
import jinja2.runtime
import jinja2.sandbox

from tradewind.authoring import old_context
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.names import did_you_mean

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

FIELD_LENGTH_MAX = 4096
"""Characters of a rendered field that are kept for display."""


class AskingContext(jinja2.runtime.Context):
    """Asks for costly values when a template names them."""

    def resolve_or_missing(self, key: str) -> Any:
        value = super().resolve_or_missing(key)
        return old_context.read(key, value) if key in self.parent else value


class SandboxedEnvironment(jinja2.sandbox.SandboxedEnvironment):
    """Lets templates reach single-underscore attributes, but not Python's internals."""

    context_class = AskingContext

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return not jinja2.sandbox.is_internal_attribute(obj, attr)


class NativeEnvironment(jinja2.nativetypes.NativeEnvironment):
    """Renders to Python values instead of text."""

    context_class = AskingContext


def ds(value: datetime | None) -> str | None:
    """2024-01-31"""
    return None if value is None else f"{value.year:04}-{value.month:02}-{value.day:02}"


def ds_nodash(value: datetime | None) -> str | None:
    """20240131"""
    return None if value is None else f"{value.year:04}{value.month:02}{value.day:02}"


def ts(value: datetime | None) -> str | None:
    """2024-01-31T00:00:00+00:00"""
    return None if value is None else value.isoformat()


def ts_nodash(value: datetime | None) -> str | None:
    """20240131T000000"""
    return None if value is None else value.strftime("%Y%m%dT%H%M%S")


def ts_nodash_with_tz(value: datetime | None) -> str | None:
    """20240131T000000+0000"""
    return None if value is None else value.isoformat().replace("-", "").replace(":", "")


FILTERS = {
    "ds": ds,
    "ds_nodash": ds_nodash,
    "ts": ts,
    "ts_nodash": ts_nodash,
    "ts_nodash_with_tz": ts_nodash_with_tz,
}


def environment(dag: Any, task: Any = None) -> jinja2.Environment:
    """The environment that templates of a DAG's task are rendered in."""
    native = getattr(task, "render_template_as_native_obj", None)
    if native is None:
        native = getattr(dag, "render_template_as_native_obj", False)
    kind: type[jinja2.Environment] = NativeEnvironment if native else SandboxedEnvironment
    options: dict[str, Any] = {
        "undefined": jinja2.StrictUndefined,
        "extensions": ["jinja2.ext.do"],
        "cache_size": 0,
    }
    if dag is not None:
        options["loader"] = jinja2.FileSystemLoader(search_path(dag))
        options["undefined"] = dag.template_undefined or jinja2.StrictUndefined
        options |= dag.jinja_environment_kwargs or {}
    env = kind(**options)
    env.filters.update(FILTERS)
    if dag is not None:
        env.globals.update(dag.user_defined_macros or {})
        env.filters.update(dag.user_defined_filters or {})
    return env


def search_path(dag: Any) -> list[str]:
    """Where template files of a DAG are looked for: its folder, then template_searchpath."""
    return [dag.folder, *dag.template_searchpath]


def source_of(env: jinja2.Environment, name: str) -> str:
    """The text of a template file. Raises AirflowException saying where it was looked for."""
    if env.loader is None:
        return name
    try:
        return env.loader.get_source(env, name)[0]
    except jinja2.TemplateNotFound:
        raise AirflowException(_not_found(env, name)) from None


def render_file(env: jinja2.Environment, name: str, context: Mapping[str, Any]) -> Any:
    """What a template file renders to."""
    try:
        template = env.get_template(name)
    except jinja2.TemplateNotFound as error:
        raise AirflowException(_not_found(env, str(error.name or name))) from None
    return template.render(context)


def render_text(env: jinja2.Environment, text: str, context: Mapping[str, Any]) -> Any:
    """What a string renders to; one without any mark of Jinja is itself."""
    if _is_plain(env, text):
        return text
    return env.from_string(text).render(context)


def _is_plain(env: jinja2.Environment, text: str) -> bool:
    marks = (env.variable_start_string, env.block_start_string, env.comment_start_string)
    return (
        not any(mark in text for mark in marks)
        and not text.endswith("\n")
        and env.line_statement_prefix is env.line_comment_prefix is None
        and not isinstance(env, jinja2.nativetypes.NativeEnvironment)
    )


_DATES = frozenset(
    [
        "logical_date",
        "ds",
        "ds_nodash",
        "ts",
        "ts_nodash",
        "ts_nodash_with_tz",
        "data_interval_start",
        "data_interval_end",
        "prev_data_interval_start_success",
        "prev_data_interval_end_success",
    ]
)
_UNDEFINED = re.compile(r"^'(\w+)' is undefined$")


@contextmanager
def named_errors(owner: Any, field: str, context: Mapping[str, Any]) -> Iterator[None]:
    """Let an undefined name say in which task and field it stands, and what to write instead."""
    try:
        yield
    except jinja2.UndefinedError as error:
        what = getattr(owner, "task_id", type(owner).__name__)
        message = f"task {what!r}, template field {field}: {error.message}"
        found = _UNDEFINED.match(error.message or "")
        raise jinja2.UndefinedError(message + _hint(found, context)) from None
    except jinja2.TemplateSyntaxError as error:
        what = getattr(owner, "task_id", type(owner).__name__)
        message = f"task {what!r}, template field {field}: {error.message}"
        raise jinja2.TemplateSyntaxError(
            message, error.lineno, error.name, error.filename
        ) from None


def _hint(found: re.Match[str] | None, context: Mapping[str, Any]) -> str:
    if found is None:
        return ""
    name = found[1]
    if name in _DATES and "logical_date" not in context:
        return "; this run has no logical date: use dag_run.run_after, or trigger it with a date"
    if name in old_context.REPLACED:
        return f"; write {old_context.REPLACED[name]} instead"
    return did_you_mean(name, context)


def _not_found(env: jinja2.Environment, name: str) -> str:
    folders = getattr(env.loader, "searchpath", [])
    return (
        f"template file {name!r} was not found in {', '.join(folders) or 'any folder'}; a command "
        "that only ends like a file name is kept as it is with a space after it"
    )


def render_task(task: "BaseOperator", context: Mapping[str, Any]) -> dict[str, Any]:
    """Render a task's template fields in place; the answer has them as they may be shown."""
    task.render_template_fields(context)
    return shown_fields(task)


def map_index_name(context: Mapping[str, Any]) -> str | None:
    """What a mapped task instance is shown as: its rendered map_index_template, if it has one."""
    template = context.get("map_index_template")
    if template is None or context["ti"].map_index < 0:
        return None
    env = context["task"].get_template_env(context["dag"])
    name = context["ti"].rendered_map_index = str(render_text(env, template, context))
    return name


def shown_fields(task: "BaseOperator") -> dict[str, Any]:
    """The template fields as JSON values, long ones cut."""
    return {field: _shown(getattr(task, field, None)) for field in task.template_fields}


def _shown(value: Any) -> Any:
    shown = _plain(value)
    text = shown if isinstance(shown, str) else repr(shown)
    if len(text) > FIELD_LENGTH_MAX:
        return f"{text[:FIELD_LENGTH_MAX]}... (cut after {FIELD_LENGTH_MAX} characters)"
    return shown


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Path | datetime):
        return str(value)
    return repr(value)
