"""Answers for tasks that ask a person, given as arguments."""

import json
from typing import Any

import click

FORMAT = 'TASK_ID=OPTION, or TASK_ID={"chosen_options": ["..."], "params_input": {...}}'


class ResponseType(click.ParamType):  # type: ignore[type-arg]
    """(task_id, (chosen options, params))."""

    name = "answer"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[tuple[str, ...], dict[str, Any]]]:
        if isinstance(value, tuple):
            return value
        task_id, is_given, text = value.partition("=")
        if not is_given:
            self.fail(f"{value!r} answers nothing: write {FORMAT}.", param, ctx)
        if not text.startswith("{"):
            return task_id, ((text,), {})
        try:
            data = json.loads(text)
        except ValueError as error:
            self.fail(f"{text!r} is not JSON: {error}.", param, ctx)
        chosen, filled_in = data.pop("chosen_options", None), data.pop("params_input", {})
        is_list = isinstance(chosen, list) and all(isinstance(item, str) for item in chosen)
        if data or not is_list or not isinstance(filled_in, dict):
            self.fail(f"{text!r} is no answer: write {FORMAT}.", param, ctx)
        return task_id, (tuple(chosen), filled_in)


RESPONSE = ResponseType()
