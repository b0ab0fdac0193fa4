"""BashOperator: runs a shell command in a process group of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from tradewind.authoring.context import context_to_airflow_vars
from tradewind.authoring.errors import AirflowException, AirflowSkipException
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.operator_arguments import take_legacy
from tradewind.runtime.postponement import postponed

_LEGACY_ARGUMENTS = {"xcom_push": "do_xcom_push", "skip_exit_code": "skip_on_exit_code"}


class BashOperator(BaseOperator):
    """Runs `bash_command`; the last line it prints becomes the result.

    A command that ends in .sh or .bash is a template file to render; a space after it stops that.
    """

    __module__ = "airflow.providers.standard.operators.bash"

    template_fields: Collection[str] = ("bash_command", "env", "cwd")
    template_ext: Sequence[str] = (".sh", ".bash")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}
    ui_color = "#f0ede4"

    def __init__(
        self,
        *,
        bash_command: str,
        env: dict[str, str] | None = None,
        append_env: bool = False,
        output_encoding: str = "utf-8",
        skip_on_exit_code: int | Collection[int] | None = 99,
        cwd: str | None = None,
        output_processor: Callable[[str], Any] = lambda line: line,
        **kwargs: Any,
    ) -> None:
        legacy = take_legacy(kwargs, _LEGACY_ARGUMENTS, type(self).__name__)
        if "do_xcom_push" in legacy:
            kwargs.setdefault("do_xcom_push", legacy["do_xcom_push"])
        skip_on_exit_code = legacy.get("skip_on_exit_code", skip_on_exit_code)
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.append_env = append_env
        self.output_encoding = output_encoding
        self.skip_on_exit_code = _exit_codes(skip_on_exit_code)
        self.cwd = cwd
        self.output_processor = output_processor
        self._process: subprocess.Popen[bytes] | None = None
        self._is_to_stop = False
        self._is_told = False

    def execute(self, context: Any) -> Any:
        """Run the command. Raises AirflowSkipException or AirflowException by its exit code."""
        if not isinstance(self.bash_command, str) or not self.bash_command.strip():
            raise AirflowException(
                f"BashOperator {self.task_id!r}: bash_command must be a non-empty string, "
                f"not {self.bash_command!r}"
            )
        with tempfile.TemporaryDirectory(prefix="tradewind-bash-") as folder:
            code, last_line = self._run(self._folder(folder), self.get_env(context))
        if code in self.skip_on_exit_code:
            raise AirflowSkipException(f"the command ended with exit code {code}: skipped")
        if code != 0:
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise AirflowException(f"the command {how}")
        return self.output_processor(last_line)

    def get_env(self, context: Mapping[str, Any]) -> dict[str, str]:
        """The command's environment, the names of the try included."""
        inherits = self.env is None or self.append_env
        env = {**os.environ} if inherits else {}
        env |= context_to_airflow_vars(context, in_env_var_format=True)
        return {**env, **(self.env or {})}

    def _folder(self, temporary: str) -> str:
        if self.cwd is None:
            return temporary
        folder = Path(self.cwd)
        if not folder.is_dir():
            problem = "is not a folder" if folder.exists() else "does not exist"
            raise AirflowException(f"BashOperator {self.task_id!r}: cwd {self.cwd!r} {problem}")
        return str(folder)

    def _run(self, folder: str, env: Mapping[str, str]) -> tuple[int, str]:
        bash = shutil.which("bash") or "bash"
        self.log.info("Running command: %s", self.bash_command)
        with contextlib.ExitStack() as opened:
            with postponed():  # or nobody would know the process to stop
                self._process = process = opened.enter_context(
                    subprocess.Popen(
                        [bash, "-c", self.bash_command],
                        stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT,
                        cwd=folder,
                        env=dict(env),
                        start_new_session=True,
                    )
                )
            if self._is_to_stop:
                self._stop()
            try:
                last_line = self._follow(process)
            except BaseException:
                self._stop()
                raise
        self.log.info("Command exited with return code %s", process.returncode)
        return process.returncode, last_line

    def _follow(self, process: "subprocess.Popen[bytes]") -> str:
        """Log what it prints, until every process that may print has ended; its last line."""
        last_line = ""
        assert process.stdout is not None
        for raw in process.stdout:
            last_line = raw.decode(self.output_encoding, errors="backslashreplace").rstrip()
            self.log.info("%s", last_line)
        return last_line

    def on_kill(self) -> None:
        """Ask every process of the command to stop; one that is only being started, too."""
        self._is_to_stop = True
        self._stop()

    def _stop(self) -> None:
        process = self._process
        # Until it has been waited for, its number is its group's, even if only others still run.
        if process is None or process.returncode is not None or self._is_told:
            return
        self._is_told = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        self.log.info("Sent SIGTERM to the command's process group")


def _exit_codes(given: int | Collection[int] | None) -> Collection[int]:
    if given is None:
        return ()
    return (given,) if isinstance(given, int) else given
