"""Helpers that 1.10 and 2.x had and 3.x dropped."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tradewind.authoring import watch
from tradewind.authoring.operator_arguments import LEGACY_TRIGGER_RULES
from tradewind.model.plan import TriggerRule as TriggerRule

cron_presets = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *",
    "@yearly": "0 0 1 1 *",
}


def days_ago(
    n: int, hour: int = 0, minute: int = 0, second: int = 0, microsecond: int = 0
) -> datetime:
    """Midnight (or the given time) in UTC, `n` days before today."""
    watch.note_unwatchable("the clock")
    today = datetime.now(UTC).replace(
        hour=hour, minute=minute, second=second, microsecond=microsecond
    )
    return today - timedelta(days=n)


def apply_defaults(function: Callable[..., Any]) -> Callable[..., Any]:
    """Nothing: default_args reach every operator by themselves."""
    return function


for _rule in LEGACY_TRIGGER_RULES:
    setattr(TriggerRule, _rule.upper(), _rule)  # plain text: using it as a rule shows the era
