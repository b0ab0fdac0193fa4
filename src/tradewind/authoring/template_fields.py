"""Template fields: read from files, resolved and rendered, recursively.

Knows which parts of a value are rendered; `templating` knows Jinja.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.xcom_arg import ResolveMixin

if TYPE_CHECKING:
    import jinja2

    from tradewind.authoring import templating
else:
    templating = LazyModule("tradewind.authoring.templating")


MARKS = ("{{", "{%", "{#")
"""One of them is in every text that is a template."""


def is_rendered_later(value: Any) -> bool:
    """Whether a value is a template, or what another task returns: not known while a file is read."""
    return isinstance(value, ResolveMixin) or (
        isinstance(value, str) and any(mark in value for mark in MARKS)
    )


class LiteralValue(ResolveMixin):
    """A value that is not rendered."""

    __module__ = "airflow.sdk.definitions._internal.templater"

    def __init__(self, value: Any) -> None:
        self.value = value

    def resolve(self, context: Any) -> Any:
        return self.value


def literal(value: Any) -> LiteralValue:
    """Keep `value` as it is where it would be rendered."""
    return LiteralValue(value)


class TemplatedMixin:
    """Something with template fields."""

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()
    _resolved: frozenset[int] = frozenset()
    """Ids of values that are not rendered, because a task returned them."""

    def get_template_env(self, dag: Any = None) -> "jinja2.Environment":
        """The Jinja environment of the DAG, native where asked for."""
        return templating.environment(dag or getattr(self, "dag", None), self)

    def prepare_template(self) -> None:
        """Called after template files were read and before rendering."""

    def resolve_template_files(self) -> None:
        """Replace file names (ending in one of template_ext) by what the files hold."""
        if not self.template_ext:
            return
        env: jinja2.Environment | None = None
        endings = tuple(self.template_ext)
        for field in self.template_fields:
            value = getattr(self, field, None)
            if isinstance(value, str) and value.endswith(endings):
                env = env or self.get_template_env()
                setattr(self, field, templating.source_of(env, value))
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, str) and item.endswith(endings):
                        env = env or self.get_template_env()
                        value[index] = templating.source_of(env, item)
        self.prepare_template()

    def render_template_fields(
        self, context: Mapping[str, Any], jinja_env: "jinja2.Environment | None" = None
    ) -> None:
        """Render every template field in place. Raises AttributeError for one that is not there."""
        own = _fields_of(self, self.template_fields)
        if jinja_env is None and not any(_may_change(value) for _, value in own):
            return
        env = jinja_env or self.get_template_env(context.get("dag"))
        seen = set(self._resolved)
        self._do_render_template_fields(self, self.template_fields, context, env, seen)

    def _do_render_template_fields(
        self,
        parent: Any,
        template_fields: Collection[str],
        context: Mapping[str, Any],
        jinja_env: "jinja2.Environment",
        seen_oids: set[int],
    ) -> None:
        """Render these fields of `parent` in place; operators call it for fields they fill late.

        A field that holds a function is what the function makes of (context, jinja_env).
        """
        for field, value in _fields_of(parent, template_fields):
            if value:
                with templating.named_errors(self, field, context):
                    rendered = (
                        value(context=context, jinja_env=jinja_env)
                        if callable(value)
                        else self.render_template(value, context, jinja_env, seen_oids)
                    )
                setattr(parent, field, rendered)

    def _render_nested_template_fields(
        self,
        value: Any,
        context: Mapping[str, Any],
        jinja_env: "jinja2.Environment",
        seen_oids: set[int],
    ) -> None:
        """Render what is in an object; operators override it for objects they know."""
        if id(value) in seen_oids:
            return
        seen_oids.add(id(value))
        if hasattr(value, "template_fields") and not isinstance(value, type):
            nested = value.template_fields
            self._do_render_template_fields(value, nested, context, jinja_env, seen_oids)

    def render_template(
        self,
        content: Any,
        context: Mapping[str, Any],
        jinja_env: "jinja2.Environment | None" = None,
        seen_oids: set[int] | None = None,
    ) -> Any:
        """`content` with every string in it rendered and every reference resolved."""
        env = jinja_env or self.get_template_env(context.get("dag"))
        seen = set() if seen_oids is None else seen_oids
        return self._render(content, context, env, seen)

    def _render(self, value: Any, context: Mapping[str, Any], env: Any, seen: set[int]) -> Any:
        if id(value) in seen:
            return value
        if isinstance(value, str):
            if self.template_ext and value.endswith(tuple(self.template_ext)):
                return templating.render_file(env, value, context)
            return templating.render_text(env, value, context)
        if isinstance(value, ResolveMixin):
            return value.resolve(context)

        def inner(item: Any) -> Any:
            return self._render(item, context, env, seen)

        if type(value) is tuple:
            return tuple(inner(item) for item in value)
        if isinstance(value, tuple):
            return type(value)(*(inner(item) for item in value))
        if isinstance(value, list):
            return [inner(item) for item in value]
        if isinstance(value, dict):
            return {key: inner(item) for key, item in value.items()}
        if isinstance(value, set):
            return {inner(item) for item in value}
        self._render_nested_template_fields(value, context, env, seen)
        return value


def _fields_of(parent: Any, fields: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Fields with their values. Raises AttributeError for one that is not there."""
    for field in fields:
        try:
            yield field, getattr(parent, field)
        except AttributeError:
            raise AttributeError(
                f"{field!r} is a template field of {type(parent).__name__}, "
                f"which has no such attribute: set self.{field} in its __init__"
            ) from None


def _may_change(value: Any) -> bool:
    """Whether rendering could make another value of it: not of numbers, however nested."""
    if value is None or isinstance(value, int | float):
        return False
    if type(value) in (tuple, list, set):
        return any(_may_change(item) for item in value)
    if type(value) is dict:
        return any(_may_change(item) for item in value.values())
    return True
