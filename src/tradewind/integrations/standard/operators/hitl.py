"""Operators that wait for a person's answer."""

import warnings
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin

from tradewind.authoring import configuration
from tradewind.authoring.branching import BranchMixIn
from tradewind.authoring.errors import TaskAwaitingInput
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.params import ParamsDict
from tradewind.authoring.provider_kit.human_input import HITLUser, upsert_hitl_detail
from tradewind.authoring.skipping import SkipMixin, answering
from tradewind.integrations.standard.exceptions import (
    HITLRejectException,
    HITLTimeoutError,
    HITLTriggerEventError,
)

_MODULE = "airflow.providers.standard.operators.hitl"


class HITLOperator(BaseOperator):
    """Asks to choose among `options`, and to fill in `params`.

    `defaults` count when `response_timeout` is over; without any it fails then. `notifiers` are called
    when the question can be answered. `assigned_users` ({id, name}) may answer it and nobody else.
    """

    __module__ = _MODULE

    template_fields: Collection[str] = ("subject", "body")

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
        assigned_users: HITLUser | list[HITLUser] | None = None,
        response_timeout: timedelta | None = None,
        **kwargs: Any,
    ) -> None:
        self._form_params = ParamsDict(params)
        given = {name: one for name, one in self._form_params.params() if one.has_value}
        super().__init__(params=given, **kwargs)
        if self.execution_timeout is not None and response_timeout is None:
            warnings.warn(
                f"{type(self).__name__} {self.task_id!r}: execution_timeout limits the process, not "
                "the wait for an answer: give response_timeout",
                DeprecationWarning,
                stacklevel=3,
            )
            response_timeout, self.execution_timeout = self.execution_timeout, None
        self.subject = subject
        self.body = body
        self.options = options
        self.defaults = [defaults] if isinstance(defaults, str) else defaults
        self.multiple = multiple
        self.notifiers = _listed(notifiers)
        self.assigned_users = _listed(assigned_users)
        self.response_timeout = response_timeout
        self.hitl_summary_extra: dict[str, Any] = {}
        self.validate_options()
        self.validate_params()
        self.validate_defaults()

    @property
    def serialized_params(self) -> dict[str, dict[str, Any]]:
        """What is to be filled in, as data."""
        return {name: param.as_data() for name, param in self._form_params.params()}

    @property
    def hitl_summary(self) -> dict[str, Any]:
        """What is asked and, later, what was answered."""
        return {
            "subject": self.subject,
            "body": self.body,
            "options": self.options,
            "defaults": self.defaults,
            "multiple": self.multiple,
            "assigned_users": self.assigned_users,
            "serialized_params": self.serialized_params or None,
            **self.hitl_summary_extra,
        }

    def _refuse(self, what: str) -> ValueError:
        return ValueError(f"{type(self).__name__} {self.task_id!r}: {what}")

    def validate_options(self) -> None:
        """Raise ValueError where there is nothing to choose from."""
        if not self.options:
            raise self._refuse("options must not be empty")

    def validate_params(self) -> None:
        """Raise ValueError for a param that has the name of something else in the answer."""
        if "_options" in self._form_params:
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
        """Ask, tell the notifiers, and give the process up until there is an answer."""
        upsert_hitl_detail(
            ti_id=context["ti"].id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            defaults=self.defaults,
            multiple=self.multiple,
            params=self.serialized_params,
            assigned_users=self.assigned_users,
        )
        limit = self.response_timeout
        until = None if limit is None else (datetime.now(UTC) + limit).isoformat()
        self.hitl_summary_extra["timeout_datetime"] = until
        for notifier in self.notifiers:
            notifier(context)
        self.log.info("Waiting for an answer: %s", self.subject)
        raise TaskAwaitingInput(method_name="execute_complete", timeout=limit)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """The answer. Raises HITLTimeoutError or HITLTriggerEventError if there is none, ValueError
        for one that does not fit."""
        if "error" in event:
            self.hitl_summary_extra["error_type"] = event["error_type"]
            self.process_trigger_event_error(event)
        answer = {
            "chosen_options": event["chosen_options"],
            "params_input": event["params_input"] or {},
            "responded_at": event["responded_at"],
            "responded_by_user": event["responded_by_user"],
        }
        self.validate_chosen_options(answer["chosen_options"])
        self.validate_params_input(answer["params_input"])
        at = answer["responded_at"]
        self.hitl_summary_extra |= answer | {"responded_at": at.isoformat()}
        by = answer["responded_by_user"]
        chosen = ", ".join(answer["chosen_options"])
        self.log.info("%s: %s", "In time nobody answered" if by is None else by["name"], chosen)
        return answer

    def process_trigger_event_error(self, event: dict[str, Any]) -> None:
        """Raise what a wait without an answer means."""
        if event["error_type"] == "timeout":
            raise HITLTimeoutError(event["error"])
        raise HITLTriggerEventError(event["error"])

    def validate_chosen_options(self, chosen_options: list[str]) -> None:
        """Raise ValueError for what is none of the options."""
        unknown = [repr(item) for item in chosen_options if item not in self.options]
        if unknown:
            raise self._refuse(f"{', '.join(unknown)} was chosen, none of the options")

    def validate_params_input(self, params_input: Mapping[str, Any]) -> None:
        """Raise ValueError where other params are filled in than were asked for,
        ParamValidationError for a value that a schema does not allow."""
        asked = set(self._form_params)
        if asked and params_input and asked != set(params_input):
            raise self._refuse(f"asked for {sorted(asked)}, was given {sorted(params_input)}")
        for name, value in params_input.items():
            self._form_params[name] = value
            self.params[name] = value

    def generate_link_to_ui(
        self,
        *,
        task_instance: Any,
        base_url: str | None = None,
        options: str | list[str] | None = None,
        params_input: dict[str, Any] | None = None,
    ) -> str:
        """Address of the page that answers, with these options and params filled in."""
        chosen = [options] if isinstance(options, str) else options or []
        self._check_known("options", chosen, self.options)
        self._check_known("params", params_input or (), self._form_params)
        query: dict[str, Any] = {"_options": chosen} if chosen else {}
        query |= params_input or {}
        query["map_index"] = task_instance.map_index
        api = configuration.current().api
        ti = task_instance
        page = f"/dags/{ti.dag_id}/runs/{ti.run_id}/tasks/{ti.task_id}/required_actions"
        base = base_url or api.base_url or f"http://{api.host}:{api.port}"
        return f"{urljoin(base, page)}?{urlencode(query)}"

    def _check_known(self, what: str, given: Iterable[str], known: Collection[str]) -> None:
        unknown = [repr(item) for item in given if item not in known]
        if unknown:
            raise self._refuse(f"{', '.join(unknown)} are no valid {what}")

    @staticmethod
    def generate_link_to_ui_from_context(
        *,
        context: Any,
        base_url: str | None = None,
        options: list[str] | None = None,
        params_input: dict[str, Any] | None = None,
    ) -> str:
        """The same for the task that runs. Raises ValueError if it is no HITLOperator."""
        task = context["task"]
        if not isinstance(task, HITLOperator):
            raise ValueError(f"task {task.task_id!r} is no HITLOperator")
        return task.generate_link_to_ui(
            task_instance=context["ti"],
            base_url=base_url,
            options=options,
            params_input=params_input,
        )


class ApprovalOperator(HITLOperator, SkipMixin):
    """Asks to approve. If it is rejected, the task fails with `fail_on_reject`, else those directly
    after it are skipped; with `ignore_downstream_trigger_rules` all after it."""

    __module__ = _MODULE

    APPROVE: ClassVar[str] = "Approve"
    REJECT: ClassVar[str] = "Reject"
    FIXED_ARGS: ClassVar[list[str]] = ["options", "multiple"]

    def __init__(
        self,
        *,
        ignore_downstream_trigger_rules: bool = False,
        fail_on_reject: bool = False,
        **kwargs: Any,
    ) -> None:
        self.ignore_downstream_trigger_rules = ignore_downstream_trigger_rules
        self.fail_on_reject = fail_on_reject
        for name in self.FIXED_ARGS:
            if name in kwargs:
                raise ValueError(
                    f"ApprovalOperator {kwargs.get('task_id')!r} has its own {name}: leave it out"
                )
        super().__init__(options=[self.APPROVE, self.REJECT], multiple=False, **kwargs)
        self.hitl_summary_extra |= {
            "ignore_downstream_trigger_rules": ignore_downstream_trigger_rules,
            "fail_on_reject": fail_on_reject,
        }

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Go on, skip or fail. Raises HITLRejectException."""
        answer = super().execute_complete(context, event)
        is_approved = answer["chosen_options"] == [self.APPROVE]
        self.hitl_summary_extra["approved"] = is_approved
        if is_approved:
            return answer
        if self.fail_on_reject:
            raise HITLRejectException(f"{self.task_id} was rejected")
        if self.ignore_downstream_trigger_rules:
            after = self.get_flat_relatives(upstream=False)
        else:
            after = self.get_direct_relatives(upstream=False)
        with answering(answer):
            self.skip(context["ti"], [task for task in after if not task.is_teardown])
        return answer


class HITLBranchOperator(HITLOperator, BranchMixIn):
    """Asks which branch to follow; `options_mapping` gives the task ids of options."""

    __module__ = _MODULE

    def __init__(self, *, options_mapping: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.options_mapping = dict(options_mapping or {})
        self.validate_options_mapping()
        self.hitl_summary_extra["options_mapping"] = self.options_mapping

    def validate_options_mapping(self) -> None:
        """Raise ValueError for a mapping of what is no option, or to what is no task id."""
        unknown = [repr(key) for key in self.options_mapping if key not in self.options]
        if unknown:
            raise self._refuse(f"options_mapping has {', '.join(unknown)}, none of the options")
        for option, task_id in self.options_mapping.items():
            if not isinstance(task_id, str):
                raise self._refuse(f"options_mapping needs a task id for {option!r}: {task_id!r}")

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Follow what was chosen, and skip the rest."""
        answer = super().execute_complete(context, event)
        chosen = [self.options_mapping.get(item, item) for item in answer["chosen_options"]]
        self.hitl_summary_extra["branches_to_execute"] = chosen
        return self.do_branch(context, chosen)


class HITLEntryOperator(HITLOperator):
    """Asks to fill in the params, and to say OK unless there are other `options`."""

    __module__ = _MODULE

    OK: ClassVar[str] = "OK"

    def __init__(self, **kwargs: Any) -> None:
        if "options" not in kwargs:
            kwargs["options"] = [self.OK]
            kwargs.setdefault("defaults", [self.OK])
        super().__init__(**kwargs)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set) else [value]
