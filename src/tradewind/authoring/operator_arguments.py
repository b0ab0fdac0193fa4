"""What the arguments of BaseOperator may be: one check per argument, each with its message."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tradewind.authoring import configuration, profile, timezone
from tradewind.authoring.asked_weights import strategy_class
from tradewind.authoring.default_args import known_arguments
from tradewind.authoring.names import did_you_mean
from tradewind.model.plan import TriggerRule, WeightRule

if TYPE_CHECKING:
    from tradewind.authoring.operator import BaseOperator

LEGACY_ARGUMENTS: Mapping[str, str | None] = {
    "task_concurrency": "max_active_tis_per_dag",
    "schedule_interval": None,
    "adhoc": None,
}
"""Arguments that 3.3 refuses, with the one of today; None: accepted and without effect."""

LEGACY_TRIGGER_RULES: Mapping[str, TriggerRule] = {
    "dummy": TriggerRule.ALWAYS,
    "none_failed_or_skipped": TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS,
}

_WEIGHT_RULES: Mapping[str, WeightRule] = {rule.value: rule for rule in WeightRule}
_INT32 = 2**31
_RESOURCES = ("cpus", "ram", "disk", "gpus")


def take_legacy(
    kwargs: dict[str, Any], table: Mapping[str, str | None], owner: str
) -> dict[str, Any]:
    """Move legacy arguments out of `kwargs`; the answer has them under today's names."""
    found: dict[str, Any] = {}
    for old in [name for name in kwargs if name in table]:
        profile.report(f"passes {old} to {owner}")
        value = kwargs.pop(old)
        new = table[old]
        if new is not None:
            found[new] = value
    return found


def refuse_unknown(task: "BaseOperator", kwargs: Mapping[str, Any], task_id: object) -> None:
    """Raise TypeError for arguments that no constructor of the operator takes.

    Where the option operators.allow_illegal_arguments says so, they only lead to a warning.
    """
    if not kwargs:
        return
    name = next(iter(kwargs))
    hint = did_you_mean(name, known_arguments(type(task)))
    given = ", ".join(f"{key}={value!r:.60}" for key, value in kwargs.items())
    message = (
        f"Invalid arguments were passed to {type(task).__name__} (task_id: {task_id}). "
        f"Invalid arguments were: **kwargs: {given}{hint}"
    )
    if not configuration.current().operators.allow_illegal_arguments:
        raise TypeError(message)
    logging.getLogger(__name__).warning("%s They are left out.", message)


class _Checks:
    """One function per argument: (task_id, value) -> value to keep."""

    @staticmethod
    def retries(task: str, value: Any) -> int:
        if value is None:
            return 0
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"{task}: retries must be an int, not {value!r}")
        return _at_least(task, "retries", value, 0)

    @staticmethod
    def retry_delay(task: str, value: Any) -> timedelta:
        return _duration(task, "retry_delay", value)

    @staticmethod
    def max_retry_delay(task: str, value: Any) -> timedelta | None:
        return None if value is None else _duration(task, "max_retry_delay", value)

    @staticmethod
    def retry_exponential_backoff(task: str, value: Any) -> float:
        if value is True:
            return 2.0
        if not isinstance(value, int | float):
            raise TypeError(
                f"{task}: retry_exponential_backoff must be a number or True, not {value!r}"
            )
        if value < 0:
            raise ValueError(f"{task}: retry_exponential_backoff must not be below 0: {value!r}")
        return float(value)

    @staticmethod
    def execution_timeout(task: str, value: Any) -> timedelta | None:
        if value is not None and not isinstance(value, timedelta):
            raise ValueError(
                f"{task}: execution_timeout must be a timedelta, not {value!r}; "
                f"write timedelta(seconds={value!r})"
            )
        return value

    @staticmethod
    def start_date(task: str, value: Any) -> datetime | None:
        return moment(f"{task}: start_date", value)

    @staticmethod
    def end_date(task: str, value: Any) -> datetime | None:
        return moment(f"{task}: end_date", value)

    @staticmethod
    def depends_on_past(task: str, value: Any) -> bool:
        return _flag(task, "depends_on_past", value)

    @staticmethod
    def wait_for_downstream(task: str, value: Any) -> bool:
        return _flag(task, "wait_for_downstream", value)

    @staticmethod
    def email(task: str, value: Any) -> Any:
        if value is not None and not isinstance(value, str | list | tuple | set):
            raise TypeError(f"{task}: email must be an address or a list of them, not {value!r}")
        return value

    @staticmethod
    def resources(task: str, value: Any) -> Any:
        for name in value or ():
            if name not in _RESOURCES:
                raise TypeError(
                    f"{task}: resources has {', '.join(_RESOURCES)}, not {name!r}"
                    f"{did_you_mean(str(name), _RESOURCES)}"
                )
        return value

    @staticmethod
    def pool(task: str, value: Any) -> str:
        if value is None:
            return "default_pool"
        return _text(task, "pool", value)

    @staticmethod
    def queue(task: str, value: Any) -> str:
        return _text(task, "queue", value)

    @staticmethod
    def owner(task: str, value: Any) -> str:
        return _text(task, "owner", value)

    @staticmethod
    def executor(task: str, value: Any) -> str | None:
        return None if value is None else _text(task, "executor", value)

    @staticmethod
    def run_as_user(task: str, value: Any) -> str | None:
        return None if value is None else _text(task, "run_as_user", value)

    @staticmethod
    def pool_slots(task: str, value: Any) -> int:
        return _at_least(task, "pool_slots", _whole(task, "pool_slots", value), 1)

    @staticmethod
    def max_active_tis_per_dag(task: str, value: Any) -> int | None:
        name = "max_active_tis_per_dag"
        return None if value is None else _at_least(task, name, _whole(task, name, value), 1)

    @staticmethod
    def max_active_tis_per_dagrun(task: str, value: Any) -> int | None:
        name = "max_active_tis_per_dagrun"
        return None if value is None else _at_least(task, name, _whole(task, name, value), 1)

    @staticmethod
    def priority_weight(task: str, value: Any) -> int:
        weight = _whole(task, "priority_weight", value)
        return max(-_INT32, min(_INT32 - 1, weight))

    @staticmethod
    def trigger_rule(task: str, value: Any) -> TriggerRule:
        if isinstance(value, TriggerRule):
            return value
        if value in LEGACY_TRIGGER_RULES:
            profile.report(f"sets trigger_rule {value!r}")
            return LEGACY_TRIGGER_RULES[value]
        return TriggerRule(_choice(task, "trigger_rule", value, TriggerRule))

    @staticmethod
    def weight_rule(task: str, value: Any) -> Any:
        if value is None:
            value = configuration.current().core.default_task_weight_rule
        if isinstance(value, str) and value not in _WEIGHT_RULES:
            if "." in value:
                strategy_class(value)  # here, so that it counts as read by the file
                return value
            return WeightRule(_choice(task, "weight_rule", value, WeightRule))
        return _WEIGHT_RULES.get(value, value) if isinstance(value, str) else value

    @staticmethod
    def on_execute_callback(task: str, value: Any) -> list[Callable[..., Any]]:
        return callbacks(f"{task}: on_execute_callback", value)

    @staticmethod
    def on_failure_callback(task: str, value: Any) -> list[Callable[..., Any]]:
        return callbacks(f"{task}: on_failure_callback", value)

    @staticmethod
    def on_success_callback(task: str, value: Any) -> list[Callable[..., Any]]:
        return callbacks(f"{task}: on_success_callback", value)

    @staticmethod
    def on_retry_callback(task: str, value: Any) -> list[Callable[..., Any]]:
        return callbacks(f"{task}: on_retry_callback", value)

    @staticmethod
    def on_skipped_callback(task: str, value: Any) -> list[Callable[..., Any]]:
        return callbacks(f"{task}: on_skipped_callback", value)


CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    name: check.__func__ for name, check in vars(_Checks).items() if isinstance(check, staticmethod)
}


def checked(task: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as they are kept. Raises TypeError or ValueError naming the task."""
    return {
        name: CHECKS[name](task, value) if name in CHECKS else value
        for name, value in arguments.items()
    }


def moment(what: str, value: Any) -> datetime | None:
    """A date of the author's, in UTC; text is read as ISO 8601, as default_args may hold it."""
    if value is None:
        return None
    if isinstance(value, str):
        value = read_moment(what, value)
    if not isinstance(value, datetime):
        raise TypeError(
            f"{what} must be a datetime, not {type(value).__name__} {value!r}; "
            "write datetime(2024, 1, 1)"
        )
    return timezone.convert_to_utc(value)


def read_moment(what: str, text: str) -> datetime:
    """A date in ISO 8601, in the zone that it names. Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{what} must be a datetime, not {text!r}; write datetime(2024, 1, 1)"
        ) from None


def callbacks(what: str, value: Any) -> list[Callable[..., Any]]:
    """Callbacks as a list. Raises TypeError for something that cannot be called."""
    if value is None:
        return []
    found = list(value) if isinstance(value, list | tuple | set) else [value]
    for callback in found:
        if not callable(callback):
            raise TypeError(f"{what} must be a function or a list of them, not {callback!r}")
    return found


def _text(task: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{task}: {name} must be a string, not {type(value).__name__} {value!r}")
    return value


def _flag(task: str, name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{task}: {name} must be True or False, not {value!r}")
    return value


def _whole(task: str, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{task}: {name} must be an int, not {value!r}")
    return value


def _at_least(task: str, name: str, value: int, least: int) -> int:
    if value < least:
        raise ValueError(f"{task}: {name} must be at least {least}, not {value}")
    return value


def _duration(task: str, name: str, value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return timedelta(seconds=value)
    raise TypeError(f"{task}: {name} must be a timedelta or a number of seconds, not {value!r}")


def _choice(task: str, name: str, value: Any, choices: Any) -> str:
    names = [str(choice) for choice in choices]
    if value not in names:
        hint = did_you_mean(str(value), names)
        raise ValueError(f"{task}: {name} must be one of {', '.join(names)}, not {value!r}{hint}")
    return str(value)
