"""BaseOperator: what every task is, and the arguments every task takes.

Knows nothing of how it will be run: `runtime` calls execute and the hooks around it.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from tradewind.authoring import configuration
from tradewind.authoring.default_args import OperatorMeta
from tradewind.authoring.errors import TaskDeferred
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.logs import LoggingMixin
from tradewind.authoring.names import check_key
from tradewind.authoring.old_methods import OldMethods
from tradewind.authoring.operator_arguments import (
    LEGACY_ARGUMENTS,
    checked,
    refuse_unknown,
    take_legacy,
)
from tradewind.authoring.params import merged
from tradewind.authoring.relatives import Relatives
from tradewind.authoring.resuming import resumed
from tradewind.authoring.scopes import DagContext, TaskGroupContext
from tradewind.authoring.setup_scopes import SetupTeardownContext
from tradewind.authoring.sites import UNKNOWN, Site
from tradewind.authoring.task_group import TaskGroup
from tradewind.authoring.template_fields import TemplatedMixin
from tradewind.authoring.xcom_arg import XComArg, references_in
from tradewind.model.plan import TriggerRule

if TYPE_CHECKING:
    from tradewind.authoring import mapping
    from tradewind.authoring.assets import asset as assets
    from tradewind.authoring.dag import DAG
else:
    mapping = LazyModule("tradewind.authoring.mapping")
    assets = LazyModule("tradewind.authoring.assets.asset")

_NOT_KEPT = frozenset(
    {
        "self",
        "task_id",
        "dag",
        "task_group",
        "params",
        "kwargs",
        "__class__",
        "default_args",
        "pre_execute",
        "post_execute",
    }
)


class BaseOperator(Relatives, TemplatedMixin, OldMethods, LoggingMixin, metaclass=OperatorMeta):
    """A template of work; making one within a DAG makes a task."""

    __module__ = "airflow.sdk.bases.operator"

    template_fields: Collection[str] = ()
    template_ext: Sequence[str] = ()
    template_fields_renderers: ClassVar[dict[str, str]] = {}
    operator_extra_links: Collection[Any] = ()
    ui_color: str = "#fff"
    ui_fgcolor: str = "#000"
    shallow_copy_attrs: Sequence[str] = ()
    overwrite_rtif_after_execution: bool = False
    start_from_trigger: bool = False
    start_trigger_args: Any = None
    returns_dag_result: bool = False
    """Whether what the task returns is the result of the whole run."""
    custom_operator_name: ClassVar[str | None] = None
    is_setup: bool = False
    is_teardown: bool = False
    on_failure_fail_dagrun: bool = False
    """Whether the run fails with this teardown task."""
    _is_empty: ClassVar[bool] = False
    """True: a task of this class has nothing to execute and needs no process."""
    unsupported: tuple[str, ...] = ()
    """What this operator would do and cannot yet: it loads, and a run is refused."""

    # what the constructor keeps of its arguments
    task_id: str
    owner: str
    retries: int
    retry_delay: timedelta
    retry_exponential_backoff: float
    max_retry_delay: timedelta | None
    start_date: datetime | None
    end_date: datetime | None
    depends_on_past: bool
    ignore_first_depends_on_past: bool
    wait_for_past_depends_before_skipping: bool
    wait_for_downstream: bool
    priority_weight: int
    weight_rule: Any
    queue: str
    pool: str
    pool_slots: int
    execution_timeout: timedelta | None
    trigger_rule: TriggerRule
    on_execute_callback: list[Callable[..., Any]]
    on_failure_callback: list[Callable[..., Any]]
    on_success_callback: list[Callable[..., Any]]
    on_retry_callback: list[Callable[..., Any]]
    on_skipped_callback: list[Callable[..., Any]]
    max_active_tis_per_dag: int | None
    max_active_tis_per_dagrun: int | None
    run_as_user: str | None
    executor: str | None
    executor_config: dict[str, Any]
    do_xcom_push: bool
    multiple_outputs: bool
    inlets: list[Any]
    outlets: list[Any]
    doc_md: str | None
    task_display_name: str
    map_index_template: str | None
    retry_policy: Any

    _log_config_logger_name = "airflow.task.operators"
    _site: Site = UNKNOWN
    _constructed: bool = False

    def __init__(
        self,
        *,
        task_id: str,
        owner: str | None = None,
        email: str | Iterable[str] | None = None,
        email_on_retry: bool = True,
        email_on_failure: bool = True,
        retries: int | None = None,
        retry_delay: timedelta | float | None = None,
        retry_exponential_backoff: float | bool = 0,
        max_retry_delay: timedelta | float | None = None,
        retry_policy: Any = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        depends_on_past: bool = False,
        ignore_first_depends_on_past: bool = False,
        wait_for_past_depends_before_skipping: bool = False,
        wait_for_downstream: bool = False,
        dag: "DAG | None" = None,
        task_group: TaskGroup | None = None,
        params: Mapping[str, Any] | None = None,
        default_args: dict[str, Any] | None = None,
        priority_weight: int = 1,
        weight_rule: Any = None,
        queue: str | None = None,
        pool: str | None = None,
        pool_slots: int = 1,
        sla: Any = None,
        execution_timeout: timedelta | None = None,
        on_execute_callback: Any = None,
        on_failure_callback: Any = None,
        on_success_callback: Any = None,
        on_retry_callback: Any = None,
        on_skipped_callback: Any = None,
        pre_execute: Callable[..., Any] | None = None,
        post_execute: Callable[..., Any] | None = None,
        trigger_rule: str = TriggerRule.ALL_SUCCESS,
        resources: dict[str, Any] | None = None,
        run_as_user: str | None = None,
        map_index_template: str | None = None,
        max_active_tis_per_dag: int | None = None,
        max_active_tis_per_dagrun: int | None = None,
        executor: str | None = None,
        executor_config: dict[str, Any] | None = None,
        do_xcom_push: bool = True,
        multiple_outputs: bool = False,
        inlets: Any = None,
        outlets: Any = None,
        doc: str | None = None,
        doc_md: str | None = None,
        doc_json: str | None = None,
        doc_yaml: str | None = None,
        doc_rst: str | None = None,
        task_display_name: str | None = None,
        logger_name: str | None = None,
        allow_nested_operators: bool = True,
        render_template_as_native_obj: bool | None = None,
        **kwargs: Any,
    ) -> None:
        given = {name: value for name, value in locals().items() if name not in _NOT_KEPT}
        given |= take_legacy(kwargs, LEGACY_ARGUMENTS, type(self).__name__)
        refuse_unknown(self, kwargs, task_id)
        check_key(task_id, "task_id")
        _fill_from_settings(given, task_id)
        dag = dag or (task_group.dag if task_group is not None else DagContext.get_current())
        what = f"{type(self).__name__} {task_id!r}" + (f" of DAG {dag.dag_id!r}" if dag else "")
        self.__dict__.update(checked(what, given))
        if wait_for_downstream:
            self.depends_on_past = True
        self._logger_name = logger_name
        self.upstream_task_ids: set[str] = set()
        self.downstream_task_ids: set[str] = set()
        self._pre_execute_hook = pre_execute
        self._post_execute_hook = post_execute
        self._place(task_id, dag, task_group, params)

    def _place(self, label: str, dag: "DAG | None", group: TaskGroup | None, params: Any) -> None:
        group = group or TaskGroupContext.get_current(dag)
        self.dag: DAG | None = None
        self.task_group: TaskGroup | None = None
        self.task_id = group.child_id(label) if group is not None else label
        check_key(self.task_id, "task_id with its group")
        self.task_display_name = self.__dict__.get("task_display_name") or self.task_id
        from_dag = dag.params if dag is not None else None
        own = self.default_args.get("params")
        self.params = merged(from_dag, own, params).note_source("task")
        if group is not None:
            group.add(self)
            self.task_group = group
        if dag is not None:
            dag.add_task(self)
        if SetupTeardownContext.active:
            SetupTeardownContext.add_task(self)

    def _finish_construction(self) -> None:
        self._constructed = True
        if self.start_from_trigger:
            _check_start(self)
        for field in self.template_fields:
            self._wire_references(self.__dict__.get(field))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CHECKED_WHEN_SET:
            _CHECKED_WHEN_SET[name](self, value)
        super().__setattr__(name, value)
        if self._constructed and name in self.template_fields:
            self._wire_references(value)

    def _wire_references(self, value: Any) -> None:
        if value is None or isinstance(value, str | int):
            return
        for operator, _ in references_in(value):
            if operator is not self:
                self.set_upstream(operator)

    # --- what subclasses override -----------------------------------------------------------

    def execute(self, context: Any) -> Any:
        """Do the work; what it returns becomes the XCom `return_value`."""
        raise NotImplementedError(f"{type(self).__name__} has no execute method")

    def pre_execute(self, context: Any) -> None:
        """Called right before execute."""

    def post_execute(self, context: Any, result: Any = None) -> None:
        """Called after execute returned."""

    def defer(
        self,
        *,
        trigger: Any,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> NoReturn:
        """Give the process up until `trigger` has an event, then go on in `method_name`."""
        raise TaskDeferred(trigger=trigger, method_name=method_name, kwargs=kwargs, timeout=timeout)

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Any
    ) -> Any:
        """Go on after a wait, in the method that `defer` named."""
        return resumed(self, next_method, next_kwargs, context)

    def on_kill(self) -> None:
        """Called when the task is being stopped: release what would outlive it."""

    def prepare_template(self) -> None:
        """Called after template files were read and before rendering."""

    # --- around execution -------------------------------------------------------------------

    def prepare_for_execution(self) -> Self:
        """A copy that may be rendered and run, while the DAG's own task stays as it is."""
        copied = type(self).__new__(type(self))
        copied.__dict__.update(self.__dict__, _constructed=False)
        return copied

    def for_instance(self, context: Any) -> "BaseOperator":
        """What one task instance executes: this, unless it is mapped."""
        return self

    def dry_run(self) -> None:
        """Log the template fields."""
        for field in self.template_fields:
            self.log.info("%s: %s", field, getattr(self, field, None))

    # --- placement --------------------------------------------------------------------------

    @property
    def node_id(self) -> str:
        return self.task_id

    @property
    def roots(self) -> Sequence["BaseOperator"]:
        return [self]

    @property
    def leaves(self) -> Sequence["BaseOperator"]:
        return [self]

    @classmethod
    def partial(cls, **kwargs: Any) -> "mapping.OperatorPartial":
        """Fix arguments; `.expand(...)` follows."""
        return mapping.partial(cls, kwargs)

    def as_setup(self) -> Self:
        """Make this a task that prepares something for those after it."""
        if self.is_teardown:
            raise ValueError(f"task {self.task_id!r} is a teardown task; it cannot be a setup too")
        self.is_setup = True
        return self

    def as_teardown(self, *, setups: Any = None, on_failure_fail_dagrun: bool = False) -> Self:
        """Make this a task that clears away what `setups` made, however the work ended."""
        if self.is_setup:
            raise ValueError(f"task {self.task_id!r} is a setup task; it cannot be a teardown too")
        self.is_teardown = True
        self.on_failure_fail_dagrun = on_failure_fail_dagrun
        self.trigger_rule = TriggerRule.ALL_DONE_SETUP_SUCCESS
        for setup in setups if isinstance(setups, list | tuple) else [setups] if setups else []:
            setup.as_setup()
            setup.set_downstream(self)
        return self

    def __enter__(self) -> type[SetupTeardownContext]:
        SetupTeardownContext.push([self])
        return SetupTeardownContext

    def __exit__(self, *_: object) -> None:
        SetupTeardownContext.pop()

    def __gt__(self, other: object) -> Self:
        """`task > asset`: the task writes it."""
        self.add_outlets(_assets_of(other, "writes", self.task_id))
        return self

    def __lt__(self, other: object) -> Self:
        """`task < asset`: the task reads it."""
        self.add_inlets(_assets_of(other, "reads", self.task_id))
        return self

    @property
    def output(self) -> XComArg:
        """What execute will return, to hand to other tasks."""
        return XComArg(self)

    @property
    def task_type(self) -> str:
        """Name of the operator's class."""
        return type(self).__name__

    @property
    def operator_name(self) -> str:
        """Name of the operator as it is shown."""
        return self.custom_operator_name or type(self).__name__

    @property
    def operator_class(self) -> type:
        """The operator's class."""
        return type(self)

    @property
    def inherits_from_empty_operator(self) -> bool:
        """Whether there is nothing to execute."""
        return self._is_empty

    @property
    def inherits_from_skipmixin(self) -> bool:
        """Whether it may skip tasks downstream of it."""
        return getattr(type(self), "_can_skip_downstream", False)

    @property
    def is_mapped(self) -> bool:
        """Whether the task is expanded at run time."""
        return False

    @property
    def default_args(self) -> dict[str, Any]:
        """The default_args that counted when the task was made."""
        found: dict[str, Any] = self.__dict__.get("_default_args", {})
        return found

    def has_dag(self) -> bool:
        """Whether it stands in a DAG."""
        return self.dag is not None

    def get_dag(self) -> "DAG | None":
        """The DAG it stands in."""
        return self.dag

    @property
    def has_on_execute_callback(self) -> bool:
        """Whether something is called before it executes."""
        return bool(self.on_execute_callback)

    @property
    def has_on_failure_callback(self) -> bool:
        """Whether something is called when it has failed."""
        return bool(self.on_failure_callback)

    @property
    def has_on_success_callback(self) -> bool:
        """Whether something is called when it has succeeded."""
        return bool(self.on_success_callback)

    @property
    def has_on_retry_callback(self) -> bool:
        """Whether something is called before it is tried again."""
        return bool(self.on_retry_callback)

    @property
    def has_on_skipped_callback(self) -> bool:
        """Whether something is called when it was skipped."""
        return bool(self.on_skipped_callback)

    def add_inlets(self, inlets: Iterable[Any]) -> None:
        """Note more things that the task reads."""
        self.inlets.extend(inlets)

    def add_outlets(self, outlets: Iterable[Any]) -> None:
        """Note more things that the task writes."""
        self.outlets.extend(outlets)

    def __repr__(self) -> str:
        return f"<Task({type(self).__name__}): {self.__dict__.get('task_id', '?')}>"


def _check_start(task: BaseOperator) -> None:
    start = task.start_trigger_args
    for name, value in (start.trigger_kwargs or {} if start is not None else {}).items():
        if callable(value):
            raise ValueError(
                f"task {task.task_id!r} starts from its trigger, so the trigger's argument "
                f"{name!r} cannot be a function"
            )


def _check_dag(task: BaseOperator, dag: "DAG | None") -> None:
    present = task.__dict__.get("dag")
    if present is not None and dag not in (None, present):
        raise ValueError(
            f"task {task.task_id!r} is in DAG {present.dag_id!r}; its DAG cannot be changed"
        )


def _check_fails_run(task: BaseOperator, fails: bool) -> None:
    if fails and not task.is_teardown:
        raise ValueError(
            f"task {task.task_id!r} is no teardown task: on_failure_fail_dagrun is for those"
        )


_CHECKED_WHEN_SET: Mapping[str, Callable[[BaseOperator, Any], None]] = {
    "dag": _check_dag,
    "on_failure_fail_dagrun": _check_fails_run,
}


def _assets_of(other: object, verb: str, task_id: str) -> list[Any]:
    things = list(other) if isinstance(other, list | tuple) else [other]
    for thing in things:
        if not isinstance(thing, assets.BaseAsset):
            raise TypeError(f"task {task_id!r} {verb} assets, not {thing!r}")
    return things


def _fill_from_settings(given: dict[str, Any], task_id: str) -> None:
    core, operators = configuration.current().core, configuration.current().operators
    if given["retries"] is None:
        given["retries"] = core.default_task_retries
    if given["retry_delay"] is None:
        given["retry_delay"] = core.default_task_retry_delay
    if given["execution_timeout"] is None and core.default_task_execution_timeout is not None:
        given["execution_timeout"] = timedelta(seconds=core.default_task_execution_timeout)
    given["owner"] = given["owner"] or operators.default_owner
    given["queue"] = given["queue"] or operators.default_queue
    given["executor_config"] = given["executor_config"] or {}
    for name in ("inlets", "outlets"):
        value = given[name]
        given[name] = (
            list(value)
            if isinstance(value, list | tuple | set)
            else ([] if value is None else [value])
        )
    if given.pop("sla") is not None:
        logging.getLogger(__name__).warning(
            "task %r: sla has no effect since Airflow 3; what should be done by a time is said by "
            "DAG(deadline=DeadlineAlert(...)), and what may take only so long by execution_timeout",
            task_id,
        )
