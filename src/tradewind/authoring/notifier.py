"""BaseNotifier: a message that can be given as a callback."""

from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.template_fields import TemplatedMixin


class BaseNotifier(TemplatedMixin, LoggingMixin):
    """Called with the context, it renders its template fields and calls notify()."""

    __module__ = "airflow.sdk.bases.notifier"

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()
    dag: Any = None

    def __init__(self, context: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.context: dict[str, Any] = dict(context or {})

    def notify(self, context: Mapping[str, Any]) -> None:
        """Send the message."""
        raise NotImplementedError(f"{type(self).__name__} has no notify method")

    async def async_notify(self, context: Mapping[str, Any]) -> None:
        """Send the message, on an event loop."""
        raise NotImplementedError(f"{type(self).__name__} has no async_notify method")

    def __await__(self) -> Generator[Any, Any, None]:
        """`await notifier`, for AsyncCallback; rendered as for `__call__`."""
        self._prepare(self.context)
        return self.async_notify(self.context).__await__()

    def __call__(self, *args: Any) -> None:
        """Called with the context, or with what a callback for missed SLAs gets.

        Its template fields, as they were given, are in the context too.
        """
        context = self.context if not args else _context_of(args)
        self._prepare(context)
        self.notify(context)

    def _prepare(self, context: dict[str, Any]) -> None:
        self.dag = context.get("dag")
        for field in self.template_fields:
            context[field] = getattr(self, field)
        self.render_template_fields(context)


def _context_of(args: tuple[Any, ...]) -> Any:
    if len(args) == 1:
        return args[0]
    return dict(zip(("dag", "task_list", "blocking_task_list", "blocking_tis"), args, strict=False))
