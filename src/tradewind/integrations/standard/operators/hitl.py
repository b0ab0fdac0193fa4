"""Operators that wait for a person's answer. They load, and cannot be run yet."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from tradewind.authoring.branching import BranchMixIn
from tradewind.authoring.later import later_feature
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.params import ParamsDict
from tradewind.authoring.skipping import SkipMixin

_MODULE = "airflow.providers.standard.operators.hitl"


class HITLOperator(BaseOperator):
    """Asks to choose among `options`; `defaults` count when `response_timeout` is over."""

    __module__ = _MODULE

    template_fields: Collection[str] = ("subject", "body")
    unsupported = ("human in the loop",)

    def __init__(
        self,
        *,
        subject: str,
        options: list[str],
        body: str | None = None,
        defaults: str | list[str] | None = None,
        multiple: bool = False,
        params: ParamsDict | dict[str, Any] | None = None,
        notifiers: Sequence[Any] | Any | None = None,
        assigned_users: Any = None,
        response_timeout: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(params=params, **kwargs)
        self.subject = subject
        self.body = body
        self.options = options
        self.defaults = [defaults] if isinstance(defaults, str) else defaults
        self.multiple = multiple
        self.notifiers = _listed(notifiers)
        self.assigned_users = _listed(assigned_users)
        self.response_timeout = response_timeout
        self.validate_options()
        self.validate_params()
        self.validate_defaults()

    def _refuse(self, what: str) -> ValueError:
        return ValueError(f"{type(self).__name__} {self.task_id!r}: {what}")

    def validate_options(self) -> None:
        """Raise ValueError where there is nothing to choose from."""
        if not self.options:
            raise self._refuse("options must not be empty")

    def validate_params(self) -> None:
        """Raise ValueError for a param that has the name of something else in the answer."""
        if "_options" in self.params:
            raise self._refuse("a param cannot be called '_options'")

    def validate_defaults(self) -> None:
        """Raise ValueError for defaults that could not be chosen."""
        if self.defaults is None:
            return
        unknown = [repr(item) for item in self.defaults if item not in self.options]
        if unknown:
            raise self._refuse(f"defaults {', '.join(unknown)} are none of the options")
        if len(self.defaults) > 1 and not self.multiple:
            raise self._refuse("several defaults need multiple=True")

    def execute(self, context: Any) -> Any:
        """It never comes so far: core refuses the run."""
        raise NotImplementedError(later_feature("human in the loop"))


class ApprovalOperator(HITLOperator, SkipMixin):
    """Asks to approve; what follows is skipped, or the task fails, if it is rejected."""

    __module__ = _MODULE

    APPROVE: ClassVar[str] = "Approve"
    REJECT: ClassVar[str] = "Reject"

    def __init__(
        self,
        *,
        ignore_downstream_trigger_rules: bool = False,
        fail_on_reject: bool = False,
        **kwargs: Any,
    ) -> None:
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules
        self.fail_on_reject = fail_on_reject
        for name in ("options", "multiple"):
            if name in kwargs:
                raise ValueError(
                    f"ApprovalOperator {kwargs.get('task_id')!r} has its own {name}: leave it out"
                )
        super().__init__(options=[self.APPROVE, self.REJECT], multiple=False, **kwargs)


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Asks which branch to follow; `options_mapping` gives the task ids of options."""

    __module__ = _MODULE

    def __init__(self, *, options_mapping: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = dict(options_mapping or {})
        unknown = [repr(key) for key in self.options_mapping if key not in self.options]
        if unknown:
            raise self._refuse(f"options_mapping has {', '.join(unknown)}, none of the options")


class HITLEntryOperator(HITLOperator):
    """Asks to fill in the params."""

    __module__ = _MODULE

    OK: ClassVar[str] = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", None)
        super().__init__(**kwargs)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]
