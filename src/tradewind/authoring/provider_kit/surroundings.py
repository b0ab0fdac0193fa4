"""The process and the machine: environment variables, user and host names, child processes."""

import getpass
import os
import platform
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from logging import getLogger
from typing import Any

from tradewind.authoring.errors import AirflowConfigException

log = getLogger(__name__)

IS_WINDOWS = platform.system() == "Windows"


@contextmanager
def patch_environ(new_env_variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables within a `with`; afterwards they are as before."""
    before = {name: os.environ.get(name) for name in new_env_variables}
    os.environ.update(new_env_variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@cache
def getuser() -> str:
    """The name of the user this process runs as. Raises AirflowConfigException if it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise AirflowConfigException(
            f"user id {os.getuid()} has no name on this machine: add it to the user database or "
            "set the variable USER"
        ) from None


def is_tty() -> bool:
    """Whether somebody looks at the output."""
    return sys.stdout.isatty()


def get_airflow_git_version() -> str | None:
    """The commit that Airflow was built from: none, as it is not Airflow's code that runs."""
    return None


@cache
def getfqdn(name: str = "") -> str:
    """The full name of a host, this one by default."""
    return socket.getfqdn(name)


def get_hostname() -> str:
    """The name of this host."""
    return getfqdn()


def get_host_ip_address() -> str:
    """The address of this host."""
    return socket.gethostbyname(getfqdn())


def execute_in_subprocess(
    cmd: list[str], cwd: str | None = None, env: dict[str, str] | None = None
) -> None:
    """Run a program and log what it prints. Raises CalledProcessError if it fails."""
    execute_in_subprocess_with_kwargs(cmd, cwd=cwd, env=env)


def execute_in_subprocess_with_kwargs(cmd: list[str], **kwargs: Any) -> None:
    """The same with any further argument of Popen."""
    log.info("Executing cmd: %s", shlex.join(cmd))
    with subprocess.Popen(
        cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=True, **kwargs
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            log.info("%s", line.decode(errors="replace").rstrip())
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, cmd)
