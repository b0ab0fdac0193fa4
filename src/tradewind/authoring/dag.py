"""DAG: tasks, their order, and when and how they run.

Holds what the author said; `compile` turns it into a Plan and finds what cannot be.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

from tradewind.authoring import configuration, dag_commands, timezone
from tradewind.authoring.dag_arguments import (
    check_deadlines,
    check_owner_links,
    check_run_types,
    check_tags,
    check_types,
    refuse_unknown,
    start_or_end,
    take_legacy_of_dag,
    take_positional,
)
from tradewind.authoring.doc_files import read_doc
from tradewind.authoring.errors import (
    DuplicateTaskIdFound,
    FailFastDagInvalidTriggerRule,
    TaskNotFound,
)
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.names import check_key, did_you_mean
from tradewind.authoring.notset import NOTSET, ArgNotSet, is_arg_set
from tradewind.authoring.operator_arguments import callbacks
from tradewind.authoring.params import DagParam, merged
from tradewind.authoring.scopes import DagContext
from tradewind.authoring.sites import Site, call_site
from tradewind.authoring.task_group import TaskGroup
from tradewind.model.plan import TriggerRule

if TYPE_CHECKING:
    import jinja2

    from tradewind.authoring import compile as compiling
    from tradewind.authoring import graph, old_attributes, templating
    from tradewind.authoring import subset as subsets
    from tradewind.authoring.operator import BaseOperator
    from tradewind.authoring.profile import Evidence
else:
    compiling = LazyModule("tradewind.authoring.compile")
    graph = LazyModule("tradewind.authoring.graph")
    old_attributes = LazyModule("tradewind.authoring.old_attributes")
    subsets = LazyModule("tradewind.authoring.subset")
    templating = LazyModule("tradewind.authoring.templating")

_JOINS = ("upstream_join_id", "downstream_join_id")
_FAIL_FAST_RULES = (TriggerRule.ALL_SUCCESS, TriggerRule.ALL_DONE_SETUP_SUCCESS)


class DAG:
    """A graph of tasks. `with DAG("id", schedule=...):` takes in what is created inside."""

    __module__ = "airflow.sdk.definitions.dag"

    def __init__(
        self,
        dag_id: str,
        *args: Any,
        description: str | None = None,
        default_args: dict[str, Any] | None = None,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
        schedule: Any = NOTSET,
        template_searchpath: str | Iterable[str] | None = None,
        template_undefined: Any = None,
        user_defined_macros: dict[str, Any] | None = None,
        user_defined_filters: dict[str, Callable[..., Any]] | None = None,
        max_active_tasks: int | None = None,
        max_active_runs: int | None = None,
        max_consecutive_failed_dag_runs: int | None = None,
        dagrun_timeout: timedelta | None = None,
        deadline: Any = None,
        sla_miss_callback: Any = None,
        catchup: bool | ArgNotSet = NOTSET,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        doc_md: str | None = None,
        params: Mapping[str, Any] | None = None,
        access_control: dict[str, Any] | None = None,
        is_paused_upon_creation: bool | None = None,
        jinja_environment_kwargs: dict[str, Any] | None = None,
        render_template_as_native_obj: bool = False,
        tags: Collection[str] | None = None,
        owner_links: dict[str, str] | None = None,
        auto_register: bool = True,
        fail_fast: bool = False,
        allowed_run_types: Any = None,
        dag_display_name: str | None = None,
        task_group: TaskGroup | None = None,
        disable_bundle_versioning: bool = False,
        rerun_with_latest_version: bool | None = None,
        **kwargs: Any,
    ) -> None:
        self.site: Site = call_site()
        self.dag_id = check_key(dag_id, "dag_id")
        legacy = take_positional(dag_id, args) | take_legacy_of_dag(dag_id, schedule, kwargs)
        refuse_unknown(dag_id, kwargs, type(self).__init__)
        core = configuration.current().core
        what = f"DAG {dag_id!r}"

        self.description = legacy.get("description", description)
        self.dag_display_name = dag_display_name or dag_id
        if default_args is not None and not isinstance(default_args, Mapping):
            raise TypeError(f"{what}: default_args must be a dict, not {default_args!r:.80}")
        self.default_args: dict[str, Any] = dict(default_args or {})
        self.params = merged(params, self.default_args.pop("params", None)).note_source("dag")
        self._zone: tzinfo = timezone.default_timezone()
        self.start_date = start_or_end(self, "start_date", legacy.get("start_date", start_date))
        self.end_date = start_or_end(self, "end_date", legacy.get("end_date", end_date))
        self._schedule: Any = legacy.get("schedule", schedule)
        self.catchup_given: bool | ArgNotSet = catchup
        self.max_active_tasks: int = legacy.get("max_active_tasks", max_active_tasks) or (
            core.max_active_tasks_per_dag
        )
        self.max_active_runs: int = (
            core.max_active_runs_per_dag if max_active_runs is None else max_active_runs
        )
        self.max_consecutive_failed_dag_runs: int = (
            core.max_consecutive_failed_dag_runs_per_dag
            if max_consecutive_failed_dag_runs is None
            else max_consecutive_failed_dag_runs
        )
        self.dagrun_timeout = dagrun_timeout
        self.fail_fast: bool = legacy.get("fail_fast", fail_fast)
        self.is_paused_upon_creation = is_paused_upon_creation

        self.template_searchpath: list[str] = (
            [template_searchpath]
            if isinstance(template_searchpath, str)
            else list(template_searchpath or ())
        )
        self.template_undefined = template_undefined
        self.user_defined_macros = user_defined_macros
        self.user_defined_filters = user_defined_filters
        self.jinja_environment_kwargs = jinja_environment_kwargs
        check_types(self, what)
        self.render_template_as_native_obj = render_template_as_native_obj

        self.on_success_callback = callbacks(f"{what}: on_success_callback", on_success_callback)
        self.on_failure_callback = callbacks(f"{what}: on_failure_callback", on_failure_callback)
        self.sla_miss_callback = sla_miss_callback
        for name in ("sla_miss_callback", "on_success_callback", "on_failure_callback"):
            if getattr(self, name):
                text = "%s: a DAG's %s is not called yet; callbacks of its tasks are"
                logging.getLogger(__name__).warning(text, what, name)
        self.deadline = check_deadlines(what, deadline)
        self.allowed_run_types = check_run_types(what, allowed_run_types)
        self.access_control = access_control
        self.tags: set[str] = check_tags(what, tags)
        self.owner_links: dict[str, str] = check_owner_links(what, owner_links)
        self.auto_register = auto_register
        self.disable_bundle_versioning = disable_bundle_versioning
        self.rerun_with_latest_version = rerun_with_latest_version

        self.fileloc: str = self.site.file
        self.doc_md: str | None = read_doc(doc_md, self.folder)
        self.profile_evidence: Evidence | None = None
        """The first legacy spelling of the file it was loaded from."""
        self.task_dict: dict[str, BaseOperator] = {}
        self.group_ids: set[str] = set()
        self.edge_info: dict[str, dict[str, dict[str, Any]]] = {}
        self.parent_dag: DAG | None = None
        """The DAG that took its tasks in, for one given to a SubDagOperator."""
        self.partial = False
        self.dag_result_task_id: str | None = None
        self.task_group = task_group or TaskGroup.create_root(self)

    # --- what it says of itself -------------------------------------------------------------

    @property
    def schedule(self) -> Any:
        """The schedule as it was given; None where none was."""
        return self._schedule if is_arg_set(self._schedule) else None

    @property
    def schedule_is_given(self) -> bool:
        """Whether a schedule was given, be it None."""
        return is_arg_set(self._schedule)

    @property
    def catchup(self) -> bool:
        """Whether runs that were missed are made up for."""
        if is_arg_set(self.catchup_given):
            return self.catchup_given
        return configuration.current().scheduler.catchup_by_default

    @property
    def timezone(self) -> tzinfo:
        """The zone of start_date, else the default one."""
        return self._zone

    @property
    def timetable(self) -> Any:
        """The schedule as a timetable. Raises InvalidSchedule."""
        return compiling.timetable_of(self)

    @property
    def folder(self) -> str:
        """The folder of its file."""
        return str(Path(self.fileloc).parent)

    @property
    def owner(self) -> str:
        """The owners of its tasks, comma-separated."""
        return ", ".join(sorted({task.owner for task in self.tasks}))

    @property
    def has_on_success_callback(self) -> bool:
        """Whether something is called when a run succeeds."""
        return bool(self.on_success_callback)

    @property
    def has_on_failure_callback(self) -> bool:
        """Whether something is called when a run fails."""
        return bool(self.on_failure_callback)

    # --- tasks ------------------------------------------------------------------------------

    @property
    def tasks(self) -> list["BaseOperator"]:
        """The tasks, in the order they were added."""
        return list(self.task_dict.values())

    @property
    def task_ids(self) -> list[str]:
        """The tasks' ids."""
        return list(self.task_dict)

    @property
    def task_group_dict(self) -> dict[str, TaskGroup]:
        """The groups by id."""
        groups = self.task_group.get_task_group_dict()
        return {name: group for name, group in groups.items() if name is not None}

    def add_task(self, task: "BaseOperator") -> None:
        """Take a task in. Raises DuplicateTaskIdFound."""
        present = self.task_dict.get(task.task_id)
        if (present is not None and present is not task) or self._is_of_group(task.task_id):
            raise DuplicateTaskIdFound(
                f"Task id {task.task_id!r} has already been added to the DAG {self.dag_id!r}: "
                "give this task another task_id"
            )
        if task.dag is not None and task.dag is not self:
            raise ValueError(
                f"task {task.task_id!r} is in DAG {task.dag.dag_id!r} already; "
                f"it cannot be in {self.dag_id!r} as well"
            )
        if self.fail_fast and task.trigger_rule not in _FAIL_FAST_RULES:
            raise FailFastDagInvalidTriggerRule(
                f"DAG {self.dag_id!r} is fail_fast: its tasks must have the trigger rule "
                f"{TriggerRule.ALL_SUCCESS}, and {task.task_id!r} has {task.trigger_rule}"
            )
        if self.start_date is not None:
            task.start_date = max(task.start_date or self.start_date, self.start_date)
        if self.end_date is not None:
            task.end_date = min(task.end_date or self.end_date, self.end_date)
        self.task_dict[task.task_id] = task
        task.dag = self
        if task.task_group is None:
            self.task_group.add(task)
            task.task_group = self.task_group

    def _is_of_group(self, node_id: str) -> bool:
        """Whether a group has this id, or the point where its edges meet."""
        group_id, _, point = node_id.rpartition(".")
        return node_id in self.group_ids or (point in _JOINS and group_id in self.group_ids)

    def add_tasks(self, tasks: Iterable["BaseOperator"]) -> None:
        """Take several tasks in."""
        for task in tasks:
            self.add_task(task)

    def has_task(self, task_id: str) -> bool:
        """Whether there is such a task."""
        return task_id in self.task_dict

    def has_task_group(self, group_id: str) -> bool:
        """Whether there is such a group."""
        return group_id in self.group_ids

    def get_task(self, task_id: str) -> "BaseOperator":
        """A task by id. Raises TaskNotFound."""
        task = self.task_dict.get(task_id)
        if task is None:
            hint = did_you_mean(task_id, self.task_dict)
            raise TaskNotFound(f"DAG {self.dag_id!r} has no task {task_id!r}{hint}")
        return task

    @property
    def task(self) -> Any:
        """`@dag.task`: the @task decorator for this DAG."""
        return graph.task_decorator_for(self)

    def __getitem__(self, node_id: str) -> "BaseOperator | TaskGroup":
        if node_id in self.task_group_dict:
            return self.task_group_dict[node_id]
        return self.get_task(node_id)

    def __contains__(self, node_id: str) -> bool:
        return node_id in self.task_dict or node_id in self.task_group_dict

    @property
    def roots(self) -> "Sequence[BaseOperator]":
        """The tasks that nothing comes before."""
        return [task for task in self.tasks if not task.upstream_task_ids]

    @property
    def leaves(self) -> "Sequence[BaseOperator]":
        """The tasks that nothing comes after."""
        return [task for task in self.tasks if not task.downstream_task_ids]

    def topological_sort(self) -> "tuple[BaseOperator, ...]":
        """The tasks, each after those before it. Raises AirflowDagCycleException."""
        return tuple(graph.sort(self))

    def check_cycle(self) -> None:
        """Raise AirflowDagCycleException if tasks wait for each other in a circle."""
        graph.sort(self)

    def set_dependency(self, upstream_task_id: str, downstream_task_id: str) -> None:
        """Put one task before another, by their ids."""
        self.get_task(upstream_task_id).set_downstream(self.get_task(downstream_task_id))

    def get_edge_info(self, upstream_task_id: str, downstream_task_id: str) -> dict[str, Any]:
        """What was said of an edge."""
        return self.edge_info.get(upstream_task_id, {}).get(downstream_task_id, {})

    def set_edge_info(self, upstream: str, downstream: str, info: dict[str, Any]) -> None:
        """Say something of an edge."""
        self.edge_info.setdefault(upstream, {})[downstream] = info

    @property
    def teardowns(self) -> "list[BaseOperator]":
        """The teardown tasks."""
        return [task for task in self.tasks if task.is_teardown]

    @property
    def tasks_upstream_of_teardowns(self) -> "list[BaseOperator]":
        """What comes directly before a teardown task, setup tasks left out."""
        before = {name for task in self.teardowns for name in task.upstream_task_ids}
        found = [task for task in self.tasks if task.task_id in before]
        return [task for task in found if not task.is_setup and not task.is_teardown]

    def validate_setup_teardown(self) -> None:
        """Raise where a task would not wait for the setup task before it."""
        graph.check_setups(self)

    def partial_subset(
        self,
        task_ids: str | Iterable[str],
        include_downstream: bool = False,
        include_upstream: bool = True,
        include_direct_upstream: bool = False,
        depth: int | None = None,
    ) -> "DAG":
        """A copy with some of the tasks: those whose id has `task_ids` in it, or is in the list.

        With those before and after them, at most `depth` edges away.
        """
        return subsets.subset(
            self,
            task_ids,
            downstream=include_downstream,
            upstream=include_upstream,
            direct_upstream=include_direct_upstream,
            depth=depth,
        )

    def param(self, name: str, default: Any = NOTSET) -> DagParam:
        """A param as an argument for a task."""
        return DagParam(self, name, default)

    def add_result(self, result: Any) -> None:
        """Make a task's output the result of the whole run. Raises ValueError for a second one."""
        task = getattr(result, "operator", result)
        task_id: str = task.task_id
        if self.dag_result_task_id not in (None, task_id):
            raise ValueError(
                f"DAG {self.dag_id!r}: task {self.dag_result_task_id!r} gives the result of the "
                f"run already; {task_id!r} cannot give it too"
            )
        self.dag_result_task_id = task_id
        task.returns_dag_result = True

    def validate(self) -> None:
        """Raise what `compile` would raise."""
        compiling.compile_dag(self, defaults=configuration.current().core)

    # --- templates, testing, context --------------------------------------------------------

    def get_template_env(self, *, force_sandboxed: bool = False) -> "jinja2.Environment":
        """The Jinja environment of its templates."""
        return templating.environment(self)

    def resolve_template_files(self) -> None:
        """Read the template files of every task."""
        for task in self.tasks:
            task.resolve_template_files()

    def test(
        self,
        run_after: datetime | None = None,
        logical_date: Any = NOTSET,
        run_conf: dict[str, Any] | None = None,
        conn_file_path: str | None = None,
        variable_file_path: str | None = None,
        use_executor: bool = False,
        mark_success_pattern: str | None = None,
    ) -> Any:
        """Run the DAG once in this process and show what happens; the answer is the run."""
        return graph.run_here(
            self,
            logical_date=logical_date if is_arg_set(logical_date) else run_after,
            run_conf=run_conf,
            conn_file_path=conn_file_path,
            variable_file_path=variable_file_path,
            use_executor=use_executor,
            mark_success_pattern=mark_success_pattern,
        )

    def cli(self) -> NoReturn:
        """Let the DAG's file, run as a program, be a command line for this DAG."""
        dag_commands.run(self.dag_id, self.fileloc)

    def __enter__(self) -> Self:
        DagContext.push(self)
        return self

    def __exit__(self, *_: object) -> None:
        DagContext.pop()

    def __iter__(self) -> "Iterator[BaseOperator]":
        return iter(self.tasks)

    def __len__(self) -> int:
        return len(self.task_dict)

    def __bool__(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "task_dict" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return old_attributes.of_dag(self, name)

    def __repr__(self) -> str:
        return f"<DAG: {self.dag_id}>"
