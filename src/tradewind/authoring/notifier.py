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
        """`await notifier`, for AsyncCallback."""
        return self.async_notify(self.context).__await__()

    def __call__(self, *args: Any) -> None:
        context = args[0] if args else self.context
        self.dag = context.get("dag")
        self.render_template_fields(context)
        self.notify(context)
