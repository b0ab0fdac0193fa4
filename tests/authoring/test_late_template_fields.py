"""Operators of providers render fields they fill late, and what is in objects only they know."""

from types import SimpleNamespace
from typing import Any

from tradewind import BaseOperator


class Mail(BaseOperator):
    template_fields = ("to",)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.to = "{{ who }}"
        self.subject = "for {{ who }}"
        self.body = "{{ who }}"

    def execute(self, context: Any) -> tuple[str, str, str]:
        self._do_render_template_fields(self, ["subject"], context, self.get_template_env(), set())
        return self.to, self.subject, self.body


class Pod(BaseOperator):
    template_fields = ("variables",)

    def __init__(self, variables: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.variables = variables

    def _render_nested_template_fields(
        self, value: Any, context: Any, jinja_env: Any, seen_oids: set[int]
    ) -> None:
        if isinstance(value, SimpleNamespace):
            fields = ("name", "text")
            self._do_render_template_fields(value, fields, context, jinja_env, seen_oids)
        else:
            super()._render_nested_template_fields(value, context, jinja_env, seen_oids)


def test_a_field_that_is_filled_in_execute() -> None:
    task = Mail(task_id="mail")
    task.render_template_fields({"who": "Ada"})
    assert task.execute({"who": "Ada"}) == ("Ada", "for Ada", "{{ who }}")


def test_objects_that_only_the_operator_knows() -> None:
    known = SimpleNamespace(name="{{ who }}", text="1", other="{{ who }}")
    nested = SimpleNamespace(template_fields=("name",), name="{{ who }}", text="")
    task = Pod(task_id="pod", variables=[known, {"inner": nested}])
    task.render_template_fields({"who": "Ada"})
    assert (known.name, known.other) == ("Ada", "{{ who }}")
    assert nested.name == "Ada"


def test_a_field_may_be_a_function_of_the_context() -> None:
    class Says(BaseOperator):
        template_fields = ("words",)

        def __init__(self, words: Any, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.words = words

    def words(context: Any, jinja_env: Any) -> str:
        text = "{{ name }} of " + context["place"]
        return str(jinja_env.from_string(text).render(context))

    says = Says(task_id="t", words=words)
    says.render_template_fields({"name": "Ada", "place": "London"})
    assert says.words == "Ada of London"
