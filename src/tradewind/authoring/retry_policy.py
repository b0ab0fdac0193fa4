"""Retry policies: what an exception makes of the tries that are left."""

import functools
import importlib
import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, Self

log = logging.getLogger(__name__)

_HOME = "airflow.sdk.definitions.retry_policy"
_REASON_LENGTH_MAX = 500

ExceptionSpec = type[BaseException] | str


class RetryAction(Enum):
    """What to do with a failed try."""

    RETRY = "retry"
    FAIL = "fail"
    DEFAULT = "default"


@dataclass(frozen=True)
class RetryDecision:
    """An action, the wait before the next try, and why; DEFAULT leaves it to `retries`."""

    action: RetryAction = RetryAction.DEFAULT
    retry_delay: timedelta | None = None
    reason: str | None = None

    @classmethod
    def fail(cls, reason: str | None = None) -> Self:
        """No further try."""
        return cls(RetryAction.FAIL, reason=_short(reason))

    @classmethod
    def retry(cls, delay: timedelta | None = None, reason: str | None = None) -> Self:
        """Another try, after `delay` if one is given."""
        return cls(RetryAction.RETRY, delay, _short(reason))

    @classmethod
    def default(cls) -> Self:
        """What the task's own arguments say."""
        return cls()


def _short(reason: str | None) -> str | None:
    return None if reason is None else reason[:_REASON_LENGTH_MAX]


class RetryPolicy(ABC):
    """Decides on each failed try; it cannot give more tries than `retries`."""

    __module__ = _HOME

    @abstractmethod
    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Any = None,
    ) -> RetryDecision:
        """What to do with this try."""

    def serialize(self) -> dict[str, Any]:
        """The policy as data."""
        return {}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """The policy that `serialize` made data of."""
        return cls()


@dataclass
class RetryRule:
    """One kind of exception, or several, and what to do with it."""

    exception: ExceptionSpec | list[ExceptionSpec]
    action: RetryAction = RetryAction.RETRY
    retry_delay: timedelta | None = None
    reason: str | None = None
    match_subclasses: bool = True

    def __post_init__(self) -> None:
        for item in self._each():
            if isinstance(item, str) and "." not in item:
                raise ValueError(
                    f"RetryRule: an exception's name must be a dotted path such as "
                    f"'builtins.ValueError', not {item!r}"
                )
            if not isinstance(item, str) and not (
                isinstance(item, type) and issubclass(item, BaseException)
            ):
                raise TypeError(
                    f"RetryRule takes exception classes or dotted paths to them, not {item!r}"
                )

    def _each(self) -> list[ExceptionSpec]:
        return self.exception if isinstance(self.exception, list) else [self.exception]

    @property
    def exception_path(self) -> str | list[str]:
        """The dotted path, or a list of them."""
        paths = [
            item if isinstance(item, str) else f"{item.__module__}.{item.__qualname__}"
            for item in self._each()
        ]
        return paths if isinstance(self.exception, list) else paths[0]

    def matches(self, exc: BaseException) -> bool:
        """Whether the rule is for this exception."""
        found = (_class(item) if isinstance(item, str) else item for item in self._each())
        kinds = tuple(kind for kind in found if kind is not None)
        return isinstance(exc, kinds) if self.match_subclasses else type(exc) in kinds

    def serialize(self) -> dict[str, Any]:
        """The rule as data."""
        data: dict[str, Any] = {
            "exception": self.exception_path,
            "action": self.action.value,
            "match_subclasses": self.match_subclasses,
        }
        if self.retry_delay is not None:
            data["retry_delay"] = self.retry_delay.total_seconds()
        if self.reason is not None:
            data["reason"] = self.reason
        return data

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """The rule that `serialize` made data of."""
        delay = data.get("retry_delay")
        return cls(
            exception=data["exception"],
            action=RetryAction(data["action"]),
            retry_delay=None if delay is None else timedelta(seconds=delay),
            reason=data.get("reason"),
            match_subclasses=data.get("match_subclasses", True),
        )


class ExceptionRetryPolicy(RetryPolicy):
    """The first rule that fits the exception decides, else `default`."""

    __module__ = _HOME

    def __init__(self, rules: list[RetryRule], default: RetryAction = RetryAction.DEFAULT) -> None:
        for rule in rules:
            if not isinstance(rule, RetryRule):
                raise TypeError(f"ExceptionRetryPolicy takes a list of RetryRule, not {rule!r}")
        self.rules = list(rules)
        self.default = default

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,
        context: Any = None,
    ) -> RetryDecision:
        for rule in self.rules:
            if rule.matches(exception):
                reason = rule.reason or f"Matched rule for {type(exception).__name__}"
                return RetryDecision(rule.action, rule.retry_delay, _short(reason))
        return RetryDecision(self.default)

    def serialize(self) -> dict[str, Any]:
        return {
            "rules": [rule.serialize() for rule in self.rules],
            "default": self.default.value,
        }

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        rules = [RetryRule.deserialize(rule) for rule in data["rules"]]
        return cls(rules, RetryAction(data.get("default", RetryAction.DEFAULT.value)))


for _value in (RetryAction, RetryDecision, RetryRule):
    _value.__module__ = _HOME


@functools.cache
def _class(path: str) -> type[BaseException] | None:
    """The class at a dotted path; None, with a warning, where there is none."""
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        log.warning("a RetryRule for %s matches nothing: %s", path, error)
        return None
    if not isinstance(found, type) or not issubclass(found, BaseException):
        log.warning("a RetryRule for %s matches nothing: that is no exception class", path)
        return None
    return found
