"""BaseNotifier: a message that can be given as a callback."""

from collections.abc import Collection, Mapping
from typing import Any

from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.template_fields import TemplatedMixin


class BaseNotifier(TemplatedMixin, LoggingMixin):
    """Called with the context, it renders its template fields and calls notify()."""

    __module__ = "airflow.sdk.bases.notifier"

    template_fields: Collection[str] = ()
    dag: Any = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.context: dict[str, Any] = dict(kwargs.pop("context", {}))
        if kwargs:
            raise TypeError(f"{type(self).__name__} does not take {', '.join(kwargs)}")

    def notify(self, context: Mapping[str, Any]) -> None:
        """Send the message."""
        raise NotImplementedError(f"{type(self).__name__} has no notify method")

    def __call__(self, *args: Any) -> None:
        context = args[0] if args else self.context
        self.dag = context.get("dag")
        self.render_template_fields(context)
        self.notify(context)
