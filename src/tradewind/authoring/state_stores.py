"""What a task keeps beyond its tries."""

from datetime import timedelta
from typing import Final

NEVER_EXPIRE: Final = timedelta.max
"""As `retention` of `task_state_store.set`: keep the value for good."""
