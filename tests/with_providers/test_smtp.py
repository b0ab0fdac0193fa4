"""The smtp provider against a server on this machine that keeps what it is sent."""

import email
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from email.message import Message

import pytest

from airflow.providers.smtp.hooks.smtp import SmtpHook
from airflow.providers.smtp.notifications.smtp import SmtpNotifier
from airflow.providers.smtp.operators.smtp import EmailOperator
from airflow.sdk import DAG, task
from tests.with_providers.conftest import Run

Mail = tuple[list[str], Message]


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Mail]]:
    """What has been sent to `smtp_default`: recipients and message each."""
    kept: list[Mail] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            recipients: list[str] = []
            self._say("220 here")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    recipients.append(line.partition("<")[2].partition(">")[0])
                if verb == "DATA":
                    self._say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    kept.append((recipients, email.message_from_bytes(text)))
                    recipients = []
                self._say("221 bye" if verb == "QUIT" else "250 fine")
                if verb == "QUIT":
                    return

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "tradewind@example.com"}
        fields = {"conn_type": "smtp", "host": "127.0.0.1", "port": server.server_address[1]}
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps({**fields, "extra": extra}))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield kept
        server.shutdown()
        thread.join()


def _body(message: Message) -> str:
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return b"".join(part for part in parts if isinstance(part, bytes)).decode()


def test_an_operator_sends_in_a_run(mails: list[Mail], run: Callable[[DAG], Run]) -> None:
    with DAG("report", schedule=None) as dag:
        EmailOperator(
            task_id="send",
            to=["a@example.com", "b@example.com"],
            subject="{{ dag.dag_id }} of {{ ds }}",
            html_content="<b>done</b>",
        )
    assert run(dag).states == {"send": "success"}
    ((recipients, message),) = mails
    assert recipients == ["a@example.com", "b@example.com"]
    assert message["Subject"].startswith("report of 20")
    assert message["From"] == "tradewind@example.com"
    assert "<b>done</b>" in _body(message)


def test_a_failing_task_notifies(mails: list[Mail], run: Callable[[DAG], Run]) -> None:
    notifier = SmtpNotifier(
        to="ops@example.com", subject="{{ ti.task_id }} failed", html_content="{{ exception }}"
    )
    with DAG("alarm", schedule=None) as dag:

        @task(on_failure_callback=notifier)
        def breaks() -> None:
            raise ValueError("no milk")

        breaks()
    assert run(dag).states == {"breaks": "failed"}
    ((recipients, message),) = mails
    assert (recipients, message["Subject"]) == (["ops@example.com"], "breaks failed")
    assert "no milk" in _body(message)


def test_the_hook_tests_its_connection(mails: list[Mail]) -> None:
    with SmtpHook() as hook:
        assert hook.test_connection() == (True, "Connection successfully tested")
