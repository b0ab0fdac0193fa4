"""BashSensor: waits until a shell command succeeds."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from tradewind.authoring.errors import AirflowFailException
from tradewind.authoring.sensor import BaseSensorOperator, PokeReturnValue
from tradewind.integrations.standard.hooks.subprocess import SubprocessHook


class BashSensor(BaseSensorOperator):
    """Over when `bash_command` exits with 0.

    `retry_exit_code` is the one code that means "not yet"; without it every other code does.
    """

    __module__ = "airflow.providers.standard.sensors.bash"

    template_fields: Collection[str] = ("bash_command", "env")
    template_fields_renderers: ClassVar[dict[str, str]] = {"bash_command": "bash", "env": "json"}

    def __init__(
        self,
        *,
        bash_command: str,
        env: Mapping[str, str] | None = None,
        output_encoding: str = "utf-8",
        retry_exit_code: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.bash_command = bash_command
        self.env = env
        self.output_encoding = output_encoding
        self.retry_exit_code = retry_exit_code

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Run the command once. Raises AirflowFailException for a code that ends the wait badly."""
        code = (
            SubprocessHook()
            .run_command(
                ["bash", "-c", self.bash_command],
                env=self.env,
                output_encoding=self.output_encoding,
            )
            .exit_code
        )
        if code and self.retry_exit_code not in (None, code):
            raise AirflowFailException(f"the command ended with exit code {code}")
        return code == 0
