"""The ssh provider against a server on this machine."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator

import asyncssh
import pytest

from airflow.providers.ssh.hooks.ssh import SSHHook
from airflow.providers.ssh.operators.ssh import SSHOperator
from airflow.sdk import DAG
from tests.with_providers.conftest import Run


class Guard(asyncssh.SSHServer):
    """Lets in who knows the password."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("me", "pw")


async def answer(process: asyncssh.SSHServerProcess[str]) -> None:
    command = process.command or ""
    process.stdout.write(f"ran: {command}\n")
    process.stderr.write("warned\n")
    process.exit(3 if command == "fail" else 0)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Its port; `ssh_default` is there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        key = asyncssh.generate_private_key("ssh-ed25519")
        return await asyncssh.create_server(
            Guard, "127.0.0.1", 0, server_host_keys=[key], process_factory=answer
        )

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(60)
    port = acceptor.get_port()
    fields = {"conn_type": "ssh", "host": "127.0.0.1", "login": "me", "password": "pw"}
    extra = {"allow_host_key_change": True, "no_host_key_check": True, "look_for_keys": False}
    value = {**fields, "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SSH_DEFAULT", json.dumps(value))
    yield port
    loop.call_soon_threadsafe(acceptor.close)
    asyncio.run_coroutine_threadsafe(acceptor.wait_closed(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_commands_run_and_fail(server: int, run: Callable[[DAG], Run]) -> None:
    with DAG("remote", schedule=None) as dag:
        good = SSHOperator(
            task_id="good", ssh_conn_id="ssh_default", command="echo {{ dag.dag_id }}"
        )
        good >> SSHOperator(task_id="bad", ssh_conn_id="ssh_default", command="fail")
    done = run(dag)
    assert done.states == {"good": "success", "bad": "failed"}
    assert "cmFuOiBlY2hvIHJlbW90ZQo=" in str(done.results["good"])  # base64: XComs are not pickled


def test_the_hook_opens_a_client(server: int) -> None:
    hook = SSHHook(ssh_conn_id="ssh_default")
    with hook.get_conn() as client:
        assert hook.exec_ssh_client_command(client, "date", get_pty=False, environment=None)[1] == (
            b"ran: date\n"
        )
    assert hook.test_connection() == (True, "Connection successfully tested")
