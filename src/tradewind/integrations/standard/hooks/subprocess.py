"""SubprocessHook: runs a command and logs what it prints."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tradewind.authoring.hook import BaseHook


class SubprocessResult(NamedTuple):
    """How a command ended, and the last line it printed."""

    exit_code: int
    output: str


class SubprocessHook(BaseHook):
    """One command at a time, in a process group of its own."""

    __module__ = "airflow.providers.standard.hooks.subprocess"

    def __init__(self) -> None:
        super().__init__()
        self.sub_process: subprocess.Popen[bytes] | None = None

    def run_command(
        self,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        output_encoding: str = "utf-8",
        cwd: str | None = None,
    ) -> SubprocessResult:
        """Run a command to its end, in a temporary folder where `cwd` names none.

        What interrupts it, such as a timeout, does not wait for the command: `send_sigterm` ends
        that, and its pipe stays open until then.
        """
        with tempfile.TemporaryDirectory(prefix="tradewind-command-") as folder:
            self.log.info("Running command: %s", list(command))
            process = self.sub_process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=cwd or folder,
                env=None if env is None else dict(env),
                start_new_session=True,
            )
            last = ""
            assert process.stdout is not None
            for raw in process.stdout:
                last = raw.decode(output_encoding, errors="backslashreplace").rstrip()
                self.log.info("%s", last)
            process.wait()
            process.stdout.close()
            self.log.info("Command exited with return code %s", process.returncode)
            return SubprocessResult(process.returncode, last)

    def send_sigterm(self) -> None:
        """Ask every process of the command to stop."""
        process = self.sub_process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)


SubprocessResult.__module__ = "airflow.providers.standard.hooks.subprocess"
