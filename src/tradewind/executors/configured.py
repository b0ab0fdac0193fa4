"""Which executor `core.executor` means."""

from tradewind.config.settings import EXECUTORS, LOCAL_EXECUTOR, Settings
from tradewind.executors.local import LocalExecutor
from tradewind.model.errors import InvalidSetting


def slots_by_executor(settings: Settings) -> dict[str, int]:
    """The configured executor's name, and how many task instances it runs at once.

    Raises InvalidSetting for one that is not there.
    """
    name = settings.core.executor.rpartition(".")[2]
    if name not in EXECUTORS:
        raise InvalidSetting(
            f"core.executor is {settings.core.executor!r}, which is not there; it can be "
            f"{' or '.join(EXECUTORS)}"
        )
    return {name: settings.core.parallelism if name == LOCAL_EXECUTOR else 1}


def configured_executor(settings: Settings) -> LocalExecutor:
    """The executor, not yet started. Raises InvalidSetting as `slots_by_executor`."""
    ((name, slots),) = slots_by_executor(settings).items()
    return LocalExecutor(settings, name=name, slots=slots)
