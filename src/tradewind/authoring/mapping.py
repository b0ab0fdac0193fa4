"""Dynamic task mapping: `Operator.partial(...).expand(...)` makes a task that becomes many when it
runs.

Whatever can be known of the many is checked here; the Plan says what it is expanded over.
"""

import inspect
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tradewind.authoring.default_args import (
    known_arguments,
    merged,
    own_defaults,
    required_arguments,
)
from tradewind.authoring.expansion import (
    DictOfListsExpandInput,
    ExpandInput,
    ListOfDictsExpandInput,
    check_kwargs,
    check_mappable,
)
from tradewind.authoring.names import did_you_mean
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.params import merged as merged_params
from tradewind.authoring.scopes import TaskGroupContext
from tradewind.authoring.xcom_arg import references_in

if TYPE_CHECKING:
    from tradewind.authoring.task_group import TaskGroup

_HOME = "airflow.sdk.definitions.mappedoperator"

_MAPPABLE = frozenset(
    {
        "default_args",
        "do_xcom_push",
        "doc",
        "doc_json",
        "doc_md",
        "doc_rst",
        "doc_yaml",
        "email",
        "end_date",
        "executor",
        "logger_name",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "multiple_outputs",
        "params",
        "pool",
        "post_execute",
        "pre_execute",
        "resources",
        "run_as_user",
        "start_date",
        "task_display_name",
    }
)
"""The arguments of every operator that may differ between the many."""


class MappedOperator(BaseOperator):
    """A task that becomes one of `operator_class` for each item; what it says of itself is what
    every one of them will say."""

    __module__ = _HOME

    def __init__(
        self,
        *,
        operator_class: type[BaseOperator],
        expand_input: ExpandInput,
        partial_kwargs: Mapping[str, Any],
        disallow_kwargs_override: bool = True,
        **kwargs: Any,
    ) -> None:
        usual = own_defaults(operator_class, BaseOperator)
        unsaid = {name: usual[name] for name in usual.keys() - self.default_args.keys()}
        super().__init__(**{**unsaid, **kwargs})
        self.common_kwargs = {k: v for k, v in kwargs.items() if k not in ("dag", "task_group")}
        self.stands_for = operator_class
        self.expand_input = expand_input
        self.partial_kwargs = dict(partial_kwargs)
        self.disallow_kwargs_override = disallow_kwargs_override
        self.template_fields = operator_class.template_fields
        self.unsupported = operator_class.unsupported
        self.ui_color = operator_class.ui_color
        self.ui_fgcolor = operator_class.ui_fgcolor
        for value in (expand_input.value, self.partial_kwargs):
            for operator, _ in references_in(value):
                self.set_upstream(operator)

    def unmap(self, resolve: Mapping[str, Any] | None) -> BaseOperator:
        """One of the many, given its own arguments; it stands in no DAG but knows this one's.

        Raises TypeError for an argument that partial() was given as well.
        """
        given = dict(resolve or {})
        if self.disallow_kwargs_override:
            self._check_not_in_partial(given)
        kwargs = {**self.common_kwargs, **self._arguments(given)}
        kwargs["default_args"] = {**self.default_args, **given.get("default_args", {})}
        made = self.stands_for(**kwargs)
        made.task_id, made.dag, made.task_group = self.task_id, self.dag, self.task_group
        made.upstream_task_ids = set(self.upstream_task_ids)
        made.downstream_task_ids = set(self.downstream_task_ids)
        made.params = merged_params(self.params, given.get("params"))
        for name in ("is_setup", "is_teardown", "on_failure_fail_dagrun"):
            setattr(made, name, getattr(self, name))
        return made

    def _arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.partial_kwargs, **given}

    def _check_not_in_partial(self, given: Mapping[str, Any]) -> None:
        check_not_given({**self.common_kwargs, **self.partial_kwargs}, given)

    def for_instance(self, context: Any) -> BaseOperator:
        """The one of the many that the context's map index names."""
        given, resolved = self.expand_input.resolve(context)
        made = self.unmap(given)
        made._resolved = frozenset(resolved)
        return made

    @property
    def operator_class(self) -> type:
        """The class of the many."""
        return self.stands_for

    @property
    def operator_name(self) -> str:
        """Name of the operator as it is shown."""
        return self.stands_for.custom_operator_name or self.stands_for.__name__

    @property
    def task_type(self) -> str:
        """Name of the class of the many."""
        return self.stands_for.__name__

    @property
    def inherits_from_empty_operator(self) -> bool:
        """Whether there is nothing to execute."""
        return self.stands_for._is_empty

    @property
    def inherits_from_skipmixin(self) -> bool:
        """Whether they may skip tasks downstream of them."""
        return getattr(self.stands_for, "_can_skip_downstream", False)

    @property
    def is_mapped(self) -> bool:
        """Whether the task is expanded at run time."""
        return True

    def __repr__(self) -> str:
        return f"<Mapped({self.stands_for.__name__}): {self.__dict__.get('task_id', '?')}>"


class DecoratedMappedOperator(MappedOperator):
    """A mapped @task: what it is expanded over are arguments of its function."""

    __module__ = "airflow.sdk.bases.decorator"

    def _arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **self.partial_kwargs,
            "op_kwargs": {**self.partial_kwargs["op_kwargs"], **given},
        }

    def _check_not_in_partial(self, given: Mapping[str, Any]) -> None:
        bad = [name for name in given if name in self.partial_kwargs["op_kwargs"]]
        if bad:
            raise TypeError(f"mapping already partial argument: {', '.join(bad)}")


class OperatorPartial:
    """What `Operator.partial(...)` gives: `.expand(...)` or `.expand_kwargs(...)` makes the task."""

    __module__ = _HOME

    def __init__(
        self, *, operator_class: type[BaseOperator], kwargs: dict[str, Any], params: Any = None
    ) -> None:
        self.operator_class = operator_class
        self.kwargs = kwargs
        self.params = params
        self._expand_called = False

    def expand(self, **mapped_kwargs: Any) -> MappedOperator:
        """One task instance for each combination of the arguments' items.

        Raises TypeError or ValueError for arguments that cannot be expanded over.
        """
        self._expand_called = True
        owner = f"{self.operator_class.__name__}."
        check_mappable(owner, mapped_kwargs)
        check_known(self.operator_class, "expand", mapped_kwargs)
        check_not_given(self.kwargs, mapped_kwargs)
        self._check_complete(mapped_kwargs)
        return self._made(DictOfListsExpandInput(mapped_kwargs), strict=True)

    def expand_kwargs(self, kwargs: Any, *, strict: bool = True) -> MappedOperator:
        """One task instance for each dict; with `strict` only the operator's own arguments go."""
        self._expand_called = True
        check_kwargs(f"{self.operator_class.__name__}.", kwargs)
        if strict and isinstance(kwargs, list | tuple):
            for item in kwargs:
                if isinstance(item, Mapping):
                    check_known(self.operator_class, "expand_kwargs", item)
                    check_not_given(self.kwargs, item)
        return self._made(ListOfDictsExpandInput(kwargs), strict=strict)

    def _check_complete(self, mapped: Mapping[str, Any]) -> None:
        given = {*self.kwargs, *mapped, *merged(self.kwargs)}
        missing = [name for name in required_arguments(self.operator_class) if name not in given]
        if missing:
            names = ", ".join(repr(name) for name in missing)
            raise TypeError(
                f"missing keyword argument {names} of {self.operator_class.__name__} "
                f"{self.kwargs['task_id']!r}: give it to partial() or to expand()"
            )

    def _made(self, expand_input: ExpandInput, *, strict: bool) -> MappedOperator:
        common, own = split(self.kwargs)
        check_not_in_mapped_group(
            common.get("task_group") or TaskGroupContext.get_current(common.get("dag"))
        )
        return MappedOperator(
            operator_class=self.operator_class,
            expand_input=expand_input,
            partial_kwargs=own,
            disallow_kwargs_override=strict,
            **common,
        )

    def __del__(self) -> None:
        if not getattr(self, "_expand_called", True):
            task_id = self.kwargs.get("task_id", "at least one task")
            warnings.warn(
                f"task {task_id!r} was never expanded: call .expand(...) on it",
                UserWarning,
                stacklevel=1,
            )


def partial(operator_class: type[BaseOperator], kwargs: dict[str, Any]) -> OperatorPartial:
    """The fixed arguments of a mapped task. Raises TypeError for unknown ones."""
    if "task_id" not in kwargs:
        raise TypeError(f"{operator_class.__name__}.partial() missing keyword argument 'task_id'")
    check_known(operator_class, "partial", kwargs)
    return OperatorPartial(operator_class=operator_class, kwargs=kwargs)


def split(kwargs: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(arguments of every operator, the operator's own)."""
    of_every_task = known_arguments(BaseOperator)
    common = {name: value for name, value in kwargs.items() if name in of_every_task}
    return common, {name: value for name, value in kwargs.items() if name not in common}


def check_known(operator_class: type[BaseOperator], method: str, names: Iterable[str]) -> None:
    """Raise TypeError for an argument that no constructor of the operator takes."""
    known = known_arguments(operator_class)
    for name in names:
        if name not in known:
            raise TypeError(
                f"{operator_class.__name__}.{method}() got an unexpected keyword argument "
                f"{name!r}{did_you_mean(name, known)}"
            )


def check_not_given(fixed: Mapping[str, Any], mapped: Mapping[str, Any]) -> None:
    """Raise TypeError for what partial() has fixed, or what must be the same for all."""
    of_every_task = known_arguments(BaseOperator)
    bad = [
        name
        for name in mapped
        if name in fixed or (name in of_every_task and name not in _MAPPABLE)
    ]
    if bad:
        raise TypeError(
            f"unmappable or already specified argument{'s' * (len(bad) > 1)}: {', '.join(bad)}; "
            "give it to partial() alone"
        )


def check_not_in_mapped_group(group: "TaskGroup | None") -> None:
    """Raise NotImplementedError where the task would be expanded twice over."""
    while group is not None:
        if group.expand_input is not None:
            raise NotImplementedError(
                f"operator expansion in an expanded task group is not yet supported: "
                f"group {group.group_id!r} is expanded already"
            )
        group = group.parent_group


def check_function_takes(function: Any, method: str, names: Iterable[str]) -> None:
    """Raise TypeError for an argument that a decorated function does not have."""
    parameters = inspect.signature(function).parameters
    if any(item.kind is item.VAR_KEYWORD for item in parameters.values()):
        return
    for name in names:
        if name not in parameters:
            raise TypeError(
                f"{function.__name__}: {method}() got an unexpected keyword argument {name!r}"
                f"{did_you_mean(name, parameters)}"
            )
