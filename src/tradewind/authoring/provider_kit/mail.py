"""E-mail, as `airflow.utils.email` sends it: by the connection `smtp_default` or `[smtp]`."""

import logging
import re
import smtplib
import ssl
from collections.abc import Iterable
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formatdate
from pathlib import Path
from typing import Any

from tradewind.authoring.configuration import conf
from tradewind.authoring.connections import Connection
from tradewind.authoring.errors import AirflowException, AirflowNotFoundException

log = logging.getLogger(__name__)


def get_email_address_list(addresses: str | Iterable[str]) -> list[str]:
    """One address each, of a text with commas or semicolons or of a list of texts."""
    texts = [addresses] if isinstance(addresses, str) else list(addresses)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"e-mail addresses must be text, not {texts!r}")
    return [part.strip() for text in texts for part in re.split("[,;]", text) if part.strip()]


def build_mime_message(
    mail_from: str | None,
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    custom_headers: dict[str, Any] | None = None,
) -> tuple[MIMEMultipart, list[str]]:
    """A message with its attachments, and everybody who gets it."""
    message = MIMEMultipart(mime_subtype)
    receivers = to_list = get_email_address_list(to)
    message["Subject"] = subject
    if mail_from:
        message["From"] = mail_from
    message["To"] = ", ".join(to_list)
    if cc:
        cc_list = get_email_address_list(cc)
        message["CC"] = ", ".join(cc_list)
        receivers = receivers + cc_list
    if bcc:
        receivers = receivers + get_email_address_list(bcc)
    message["Date"] = formatdate(localtime=True)
    message.attach(MIMEText(html_content, "html", mime_charset))
    for file in files or []:
        path = Path(file)
        part = MIMEApplication(path.read_bytes(), Name=path.name)
        part["Content-Disposition"] = f'attachment; filename="{path.name}"'
        part["Content-ID"] = f"<{path.name}>"
        message.attach(part)
    for name, value in (custom_headers or {}).items():
        message[name] = value
    return message, receivers


def send_email(
    to: str | Iterable[str],
    subject: str,
    html_content: str,
    files: list[str] | None = None,
    dryrun: bool = False,
    cc: str | Iterable[str] | None = None,
    bcc: str | Iterable[str] | None = None,
    mime_subtype: str = "mixed",
    mime_charset: str = "utf-8",
    conn_id: str | None = None,
    custom_headers: dict[str, Any] | None = None,
    **_: Any,
) -> None:
    """Send a message of HTML. Raises AirflowException where nobody is said to send it."""
    mail_from = conf.get("smtp", "smtp_mail_from", fallback=None) or conf.get(
        "email", "from_email", fallback=None
    )
    message, receivers = build_mime_message(
        mail_from,
        to,
        subject,
        html_content,
        files,
        cc,
        bcc,
        mime_subtype,
        mime_charset,
        custom_headers,
    )
    send_mime_email(mail_from, receivers, message, conn_id or "smtp_default", dryrun)


send_email_smtp = send_email


def send_mime_email(
    e_from: str | None,
    e_to: str | list[str],
    mime_msg: MIMEMultipart,
    conn_id: str = "smtp_default",
    dryrun: bool = False,
) -> None:
    """Send a message that is made; with `dryrun` only try the arguments."""
    server = _server(conn_id)
    sender = e_from or server.sender
    if not sender:
        raise AirflowException(
            "the e-mail has no sender: set from_email in [email], or in the connection's extra"
        )
    if dryrun:
        return
    with server.open() as client:
        if server.login and server.password:
            client.login(server.login, server.password)
        log.info("Sent an alert email to %s", e_to)
        client.sendmail(sender, e_to, mime_msg.as_string())


class _Server:
    """Where mail is handed in."""

    def __init__(self, host: str, port: int, login: str | None, password: str | None) -> None:
        self.host, self.port, self.login, self.password = host, port, login, password
        self.sender: str | None = None
        self.timeout = 30.0
        self.by_ssl = False
        self.starttls = True

    def open(self) -> smtplib.SMTP:
        """A session."""
        if self.by_ssl:
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=secure)
        client = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        if self.starttls:
            client.starttls(context=ssl.create_default_context())
        return client


def _server(conn_id: str) -> _Server:
    try:
        found = Connection.get(conn_id)
    except AirflowNotFoundException:
        return _configured(conn_id)
    extra = found.extra_dejson
    server = _Server(found.host or "localhost", found.port or 25, found.login, found.password)
    server.sender = extra.get("from_email")
    server.timeout = float(extra.get("timeout", 30))
    server.by_ssl = not extra.get("disable_ssl", False)
    server.starttls = not extra.get("disable_tls", False)
    return server


def _configured(conn_id: str) -> _Server:
    host = conf.get("smtp", "smtp_host", fallback=None)
    if host is None:
        raise AirflowException(
            f"no e-mail can be sent: make a connection {conn_id!r}, or set smtp_host in [smtp]"
        )
    server = _Server(
        host,
        conf.getint("smtp", "smtp_port", fallback=25),
        conf.get("smtp", "smtp_user", fallback=None),
        conf.get("smtp", "smtp_password", fallback=None),
    )
    server.by_ssl = conf.getboolean("smtp", "smtp_ssl", fallback=False)
    server.starttls = conf.getboolean("smtp", "smtp_starttls", fallback=True)
    return server
