"""BaseNotifier: what its template fields see, and how it is called."""

import asyncio
from typing import Any

from tradewind import BaseNotifier


class Says(BaseNotifier):
    template_fields = ("message",)

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message
        self.told: list[Any] = []

    def notify(self, context: Any) -> None:
        self.told.append((self.message, dict(context)))


def test_its_fields_are_in_the_context_as_they_were_given() -> None:
    says = Says("{{ n }} new")
    says({"n": 2})
    assert says.told == [("2 new", {"n": 2, "message": "{{ n }} new"})]


def test_a_callback_for_missed_slas_is_called_with_five_things() -> None:
    says = Says("late: {{ task_list[0] }}")
    says(None, ["load"], None, None, None)
    assert says.told[0][0] == "late: load"


def test_one_that_is_awaited_is_rendered_too() -> None:
    class SaysLater(Says):
        async def async_notify(self, context: Any) -> None:
            self.notify(context)

    async def wait_for(notifier: BaseNotifier) -> None:
        await notifier

    says = SaysLater("{{ n }} new")
    says.context["n"] = 2
    asyncio.run(wait_for(says))
    assert says.told == [("2 new", {"n": 2, "message": "{{ n }} new"})]
