"""Templates are looked at when a DAG is compiled: syntax, filters, files, fields that are not there.

Nothing is rendered. A mistake is told at the task's line, with the files that may mend it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.authoring import fingerprints
from tradewind.authoring.errors import AirflowException
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.located import Located
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.sites import Site
from tradewind.authoring.template_fields import MARKS
from tradewind.model.parsed import RecordedInput

if TYPE_CHECKING:
    import jinja2

    from tradewind.authoring import templating
    from tradewind.authoring.dag import DAG
else:
    jinja2 = LazyModule("jinja2")
    templating = LazyModule("tradewind.authoring.templating")


class BadTemplate(Located):
    """A template that cannot be rendered; `read` are the files whose change may mend it."""

    def __init__(self, message: str, site: Site, read: tuple[RecordedInput, ...] = ()) -> None:
        super().__init__(message, site)
        self.read = read


def check_templates(dag: "DAG", tasks: "Iterable[BaseOperator]") -> None:
    """Raise BadTemplate for the first template that no run could render."""
    checks = _Checks(dag)
    for task in tasks:
        for field in task.template_fields:
            checks.check(task, field)


class _Checks:
    """One DAG's templates. The environment is made when the first of them needs it."""

    def __init__(self, dag: "DAG") -> None:
        self._dag = dag
        self._env: jinja2.Environment | None = None
        self._seen: set[str] = set()
        self._has_own_syntax = bool(dag.jinja_environment_kwargs)

    @property
    def env(self) -> "jinja2.Environment":
        if self._env is None:
            self._env = templating.environment(self._dag)
        return self._env

    def check(self, task: "BaseOperator", field: str) -> None:
        if task.is_mapped:
            value = getattr(task, "partial_kwargs", {}).get(field)
        elif hasattr(task, field):
            value = getattr(task, field)
        else:
            self._check_is_made_later(task, field)
            return
        files = set() if task.is_mapped else set(_file_names(task, value))
        for name in sorted(files - self._seen):
            self._seen.add(name)
            self._check_file(task, field, name)
        if self._has_own_syntax:
            return
        for text in _texts(value):
            if text not in self._seen and any(mark in text for mark in MARKS):
                self._seen.add(text)
                self._check_syntax(text, f"template field {field!r}", task)

    @staticmethod
    def _check_is_made_later(task: "BaseOperator", field: str) -> None:
        if type(task).prepare_template is not BaseOperator.prepare_template:
            return
        raise BadTemplate(
            f"task {task.task_id!r}: {field!r} is a template field of {task.task_type}, which has "
            f"no such attribute: set self.{field} in its __init__"
            f"{did_you_mean(field, vars(task))}",
            task._site,
        )

    def _check_file(self, task: "BaseOperator", field: str, name: str) -> None:
        folders = templating.search_path(self._dag)
        places = [Path(folder) / name.lstrip("/") for folder in folders]
        try:
            source = templating.source_of(self.env, name)
        except AirflowException as error:
            near = [
                str(Path(name).parent / found.name)
                for place in places
                if place.parent.is_dir()
                for found in place.parent.iterdir()
            ]
            raise BadTemplate(
                f"task {task.task_id!r}, template field {field!r}: {error}"
                f"{did_you_mean(name, near)}",
                task._site,
                tuple(RecordedInput(kind="file", name=str(at), fingerprint="") for at in places),
            ) from None
        if not self._has_own_syntax:
            there = [at for at in places if at.is_file()]
            read = tuple(
                RecordedInput(
                    kind="file",
                    name=str(at),
                    fingerprint=fingerprints.of_content(at.read_bytes()),
                )
                for at in there[:1]
            )
            self._check_syntax(source, f"template file {name!r}", task, read)

    def _check_syntax(
        self,
        text: str,
        where: str,
        task: "BaseOperator",
        read: tuple[RecordedInput, ...] = (),
    ) -> None:
        try:
            self.env.compile(text, raw=True)
        except jinja2.TemplateSyntaxError as error:
            line = f", line {error.lineno}" if "\n" in text else ""
            hint = ""
            if "No filter named" in (error.message or ""):
                hint = did_you_mean((error.message or "").split("'")[1], self.env.filters)
            raise BadTemplate(
                f"task {task.task_id!r}, {where}{line}: {error.message}{hint}", task._site, read
            ) from None


def _texts(value: Any) -> Iterator[str]:
    """Every string in a value, however nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple | set):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def _file_names(task: "BaseOperator", value: Any) -> Iterator[str]:
    """What names a template file; not what becomes a name only when it is rendered."""
    if not task.template_ext:
        return
    for item in value if isinstance(value, list) else (value,):
        if (
            isinstance(item, str)
            and item.endswith(tuple(task.template_ext))
            and not any(mark in item for mark in MARKS)
        ):
            yield item
