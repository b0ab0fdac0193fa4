"""The parts of a Plan that say what a task or DAG uses: expansion, assets, sensors, deadlines."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tradewind.authoring import serde
from tradewind.authoring.assets.asset import Asset, BaseAsset
from tradewind.authoring.lazy import LazyModule
from tradewind.authoring.located import Located
from tradewind.authoring.sites import Site
from tradewind.model.constructs import (
    AssetSpec,
    DeadlineSpec,
    Expansion,
    SensorSpec,
    StartTrigger,
    WatcherSpec,
)

if TYPE_CHECKING:
    from tradewind.authoring import deadlines, mapping, sensor
    from tradewind.authoring.dag import DAG
    from tradewind.authoring.operator import BaseOperator
else:
    deadlines = LazyModule("tradewind.authoring.deadlines")
    mapping = LazyModule("tradewind.authoring.mapping")
    sensor = LazyModule("tradewind.authoring.sensor")


def expansion_of(task: "BaseOperator") -> Expansion | None:
    """What a task is expanded over."""
    if not task.is_mapped or not isinstance(task, mapping.MappedOperator):
        return None
    return task.expand_input.as_spec()


def setups_of(task: "BaseOperator") -> tuple[str, ...]:
    """The setup tasks that a teardown task clears away after."""
    if not task.is_teardown:
        return ()
    return tuple(sorted(before.task_id for before in task.upstream_list if before.is_setup))


def sensor_of(task: "BaseOperator") -> SensorSpec | None:
    """How a sensor waits."""
    if not hasattr(task, "poke_interval") or not isinstance(task, sensor.BaseSensorOperator):
        return None
    return SensorSpec(
        mode=task.mode,
        poke_interval_s=float(task.poke_interval),
        timeout_s=float(task.timeout),
        soft_fail=task.soft_fail,
        exponential_backoff=task.exponential_backoff,
        max_wait_s=None if task.max_wait is None else task.max_wait.total_seconds(),
    )


def start_trigger_of(task: "BaseOperator") -> StartTrigger | None:
    """The trigger that a task begins in; none where its arguments are templates, which only a
    process renders: the task begins in `execute` then, and defers there."""
    if not task.start_from_trigger or task.start_trigger_args is None:
        return None
    args = task.start_trigger_args
    if any(_is_template((args.trigger_kwargs or {}).get(name)) for name in task.template_fields):
        return None
    where = f"task {task.task_id!r}: start_trigger_args"
    return StartTrigger(
        classpath=args.trigger_cls,
        next_method=args.next_method,
        trigger_kwargs=_data(args.trigger_kwargs or {}, f"{where}.trigger_kwargs", task._site),
        next_kwargs=_data(args.next_kwargs or {}, f"{where}.next_kwargs", task._site),
        timeout_s=None if args.timeout is None else args.timeout.total_seconds(),
    )


def _is_template(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, list | tuple | set):
        return any(map(_is_template, value))
    return isinstance(value, dict) and any(map(_is_template, value.values()))


def assets_of(things: Iterable[Any]) -> tuple[dict[str, Any], ...]:
    """The assets among a task's inlets or outlets, as expressions."""
    return tuple(
        leaf.as_expression()
        for thing in things
        if isinstance(thing, BaseAsset)
        for leaf in thing.leaves()
    )


def assets_of_dag(dag: "DAG") -> tuple[AssetSpec, ...]:
    """Every asset that the schedule and the tasks define, by name."""
    found: dict[tuple[str, str], AssetSpec] = {}
    things: list[tuple[Any, Site]] = [
        (thing, task._site) for task in dag.tasks for thing in (*task.inlets, *task.outlets)
    ]
    schedule = dag.schedule
    schedule = getattr(schedule, "asset_condition", schedule)
    listed = schedule if isinstance(schedule, list | tuple | set | frozenset) else (schedule,)
    things += [(thing, dag.site) for thing in listed]
    for thing, site in things:
        if isinstance(thing, BaseAsset):
            for leaf in thing.leaves():
                if isinstance(leaf, Asset):
                    found.setdefault((leaf.name, leaf.uri), _asset(leaf, site))
    return tuple(spec for _, spec in sorted(found.items()))


def _asset(asset: Asset, site: Site) -> AssetSpec:
    where = f"asset {asset.name!r}"
    return AssetSpec(
        name=asset.name,
        uri=asset.uri,
        group=asset.group,
        extra=_data(asset.extra, f"{where}: extra", site),
        watchers=tuple(_watcher(watcher, where, site) for watcher in asset.watchers),
    )


def _watcher(watcher: Any, where: str, site: Site) -> WatcherSpec:
    classpath, kwargs = watcher.trigger.serialize()
    return WatcherSpec(
        name=watcher.name,
        classpath=classpath,
        kwargs=_data(kwargs, f"{where}: watcher {watcher.name!r}", site),
    )


def deadlines_of(dag: "DAG") -> tuple[DeadlineSpec, ...]:
    """By when a run must have ended."""
    return tuple(_deadline(alert) for alert in dag.deadline)


def _deadline(alert: Any) -> DeadlineSpec:
    is_variable = isinstance(alert.interval, deadlines.VariableInterval)
    where = f"deadline {alert.name!r}" if alert.name else "a deadline"
    return DeadlineSpec(
        name=alert.name,
        reference=_data(alert.reference.serialize_reference(), where, alert.site),
        callback=_data(alert.callback.as_data(), f"{where}: callback", alert.site),
        interval_s=None if is_variable else alert.interval.total_seconds(),
        interval_variable=alert.interval.key if is_variable else None,
    )


def _data(value: Any, where: str, site: Site) -> Any:
    try:
        return serde.serialize(value, where)
    except serde.NotSerialisable as error:
        raise Located(f"{error}; give JSON data (text, numbers, lists, dicts)", site) from None
