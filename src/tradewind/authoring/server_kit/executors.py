"""The base of executors, as provider packages derive theirs from it.

Tradewind's scheduler has executors of its own, so none of these is ever made: that is refused.
"""

from typing import Any, ClassVar, NamedTuple

from tradewind.authoring import configuration
from tradewind.authoring.configuration import conf
from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.server_kit.command_line import GroupCommand
from tradewind.authoring.server_kit.refusals import refuse, refused
from tradewind.config.settings import EXECUTORS

_INSTEAD = f"its scheduler has executors of its own; set core.executor to {' or '.join(EXECUTORS)}"


class ExecutorConf:
    """Options as an executor of a team asks for them; there are no teams."""

    __module__ = "airflow.executors.base_executor"

    def __init__(self, team_name: str | None = None) -> None:
        self.team_name = team_name

    def __getattr__(self, name: str) -> Any:
        return getattr(conf, name)


class BaseExecutor(LoggingMixin):
    """What an executor says of itself."""

    __module__ = "airflow.executors.base_executor"

    supports_ad_hoc_ti_run: bool = False
    supports_callbacks: bool = False
    supports_multi_team: bool = False
    supports_connection_test: bool = False
    pre_assigns_external_executor_id: ClassVar[bool] = False
    sentry_integration: str = ""
    is_local: bool = False
    is_production: bool = True
    serve_logs: bool = False
    job_id: int | str | None = None
    name: Any = None
    callback_sink: Any = None

    def __init__(self, *_: Any, **__: Any) -> None:
        """Refused."""
        refuse(f"{type(self).__module__}.{type(self).__qualname__}", _INSTEAD)

    @staticmethod
    def get_cli_commands() -> list[GroupCommand]:
        """The commands that come with it."""
        return []


class LocalExecutor(BaseExecutor):
    """The executor of this machine, by name."""

    __module__ = "airflow.executors.local_executor"

    is_local = True
    serve_logs = True
    supports_callbacks = True


class ExecutorName(NamedTuple):
    """An executor as it is configured."""

    module_path: str
    alias: str | None = None
    team_name: str | None = None


ExecutorName.__module__ = "airflow.executors.executor_utils"


class ExecutorLoader:
    """Which executor is configured."""

    __module__ = "airflow.executors.executor_loader"

    @classmethod
    def get_executor_names(cls, validate_teams: bool = True) -> list[ExecutorName]:
        """The one of `core.executor`, its name as the alias if it is one of Tradewind's."""
        said = configuration.current().core.executor
        name = said.rpartition(".")[2]
        if name in EXECUTORS:
            return [ExecutorName("airflow.executors.local_executor.LocalExecutor", name)]
        return [ExecutorName(said)]

    @classmethod
    def get_default_executor_name(cls, team_name: str | None = None) -> ExecutorName:
        """The same."""
        return cls.get_executor_names()[0]

    @classmethod
    def get_default_executor(cls) -> BaseExecutor:
        """Refused."""
        refuse("airflow.executors.executor_loader.ExecutorLoader.get_default_executor", _INSTEAD)

    @classmethod
    def load_executor(cls, executor_name: Any) -> BaseExecutor:
        """Refused."""
        refuse("airflow.executors.executor_loader.ExecutorLoader.load_executor", _INSTEAD)

    @classmethod
    def init_executors(cls) -> list[BaseExecutor]:
        """Refused."""
        refuse("airflow.executors.executor_loader.ExecutorLoader.init_executors", _INSTEAD)


supervise = refused("airflow.sdk.execution_time.supervisor", "supervise", _INSTEAD)
set_component_mp_start_method = refused(
    "airflow.utils.process_utils", "set_component_mp_start_method", _INSTEAD
)
