"""`timeout`: an exception after so many seconds, raised by an alarm in the main thread."""

import os
import signal
from types import FrameType, TracebackType
from typing import Self

from tradewind.authoring.errors import AirflowTaskTimeout
from tradewind.authoring.logs import LoggingMixin


class TimeoutPosix(LoggingMixin):
    """Raises AirflowTaskTimeout if its `with` lasts longer; an alarm set before goes on after it."""

    __module__ = "airflow.sdk.execution_time.timeout"

    def __init__(self, seconds: float = 1, error_message: str = "Timeout") -> None:
        self.seconds = seconds
        self.error_message = f"{error_message}, PID: {os.getpid()}"

    def handle_timeout(self, signum: int, frame: FrameType | None) -> None:
        """The alarm went off."""
        self.log.error("Process timed out, PID: %s", os.getpid())
        raise AirflowTaskTimeout(self.error_message)

    def __enter__(self) -> Self:
        self._handler = signal.signal(signal.SIGALRM, self.handle_timeout)
        self._alarm = signal.setitimer(signal.ITIMER_REAL, self.seconds)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._handler)
        outer, interval = self._alarm
        if outer > 0:
            signal.setitimer(
                signal.ITIMER_REAL, max(outer - (self.seconds - left), 0.001), interval
            )


timeout = TimeoutPosix
