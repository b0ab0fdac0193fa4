"""A clock that can be put forward, so that a test need not sleep through a retry delay."""

from datetime import UTC, datetime, timedelta


class SkippingClock:
    """The machine's clock plus all that was skipped."""

    def __init__(self) -> None:
        self.skipped = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.skipped

    def skip_to(self, moment: datetime) -> None:
        """Put the clock forward; nothing if `moment` has passed."""
        self.skipped += max(moment - self.now(), timedelta())
