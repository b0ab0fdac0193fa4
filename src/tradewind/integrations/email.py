"""EmailOperator, as 2.x had it in its core. It loads, and cannot be run yet.

Today's is in the provider package smtp, which is used where it is installed.
"""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from tradewind.authoring.later import later_feature
from tradewind.authoring.operator import BaseOperator


class EmailOperator(BaseOperator):
    """Sends a message through the connection `conn_id`."""

    __module__ = "airflow.providers.smtp.operators.smtp"

    template_fields: Collection[str] = (
        "to",
        "subject",
        "html_content",
        "from_email",
        "files",
        "cc",
        "bcc",
    )
    template_ext: Sequence[str] = (".html",)
    template_fields_renderers: ClassVar[dict[str, str]] = {"html_content": "html"}
    ui_color = "#e6faf9"
    unsupported = ("sending e-mail",)

    def __init__(
        self,
        *,
        to: list[str] | str,
        subject: str,
        html_content: str,
        from_email: str | None = None,
        files: list[str] | None = None,
        cc: list[str] | str | None = None,
        bcc: list[str] | str | None = None,
        mime_subtype: str = "mixed",
        mime_charset: str = "utf-8",
        conn_id: str | None = None,
        custom_headers: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.to = to
        self.subject = subject
        self.html_content = html_content
        self.from_email = from_email
        self.files = files or []
        self.cc = cc
        self.bcc = bcc
        self.mime_subtype = mime_subtype
        self.mime_charset = mime_charset
        self.conn_id = conn_id
        self.custom_headers = custom_headers

    def execute(self, context: Any) -> None:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature(self.unsupported[0]))
