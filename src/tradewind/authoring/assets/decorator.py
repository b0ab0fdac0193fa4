"""@asset: a function that is a DAG of one task, which writes an asset of the function's name."""

import inspect
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from tradewind.authoring import asset_events, callables, host
from tradewind.authoring.assets.asset import Asset, AssetAll, AssetNameRef, BaseAsset
from tradewind.authoring.dag import DAG
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.sites import as_if_at, call_site
from tradewind.authoring.taskflow import TaskDecorator

if TYPE_CHECKING:
    from tradewind.authoring.assets.watcher import AssetWatcher

_HOME = "airflow.sdk.definitions.asset.decorators"
_GIVEN = ("self", "context")
"""Parameters that are not the names of assets: the asset itself, and the context."""


class AssetMainOperator(BaseOperator):
    """Calls the function; its parameters named like assets get those."""

    __module__ = _HOME
    __qualname__ = "_AssetMainOperator"

    custom_operator_name = "@asset"
    ui_color = "#ffefeb"

    def __init__(
        self, *, python_callable: Callable[..., Any], definition: BaseAsset, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.python_callable = python_callable
        self.definition = definition

    def execute(self, context: Any) -> Any:
        """Call the function; what it returns is the result."""
        read = {
            inlet.name: asset_events.resolve(inlet, host.current())
            for inlet in self.inlets
            if isinstance(inlet, AssetNameRef)
        }
        around = {**context, **read, "self": self.definition, "context": context}
        return callables.call(self.python_callable, (), {}, around)


class AssetDefinition(Asset):
    """What @asset makes of a function: the asset it writes."""

    __module__ = _HOME

    def __init__(self, *, function: Callable[..., Any], source: "asset", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._function = function
        self._source = source

    def iter_outlets(self) -> Iterator[BaseAsset]:
        """What the task writes: this."""
        yield Asset(
            self.name,
            self.uri,
            group=self.group,
            extra=self.extra,
            watchers=self.watchers,
            access_control=self.access_control,
        )


class MultiAssetDefinition(AssetAll):
    """What @asset.multi makes of a function: all the assets it writes."""

    __module__ = _HOME

    def __init__(self, name: str, function: Callable[..., Any], source: "asset.multi") -> None:
        super().__init__(*source.outlets)
        self.name = name
        self._function = function
        self._source = source

    def iter_outlets(self) -> Iterator[BaseAsset]:
        """What the task writes."""
        return iter(self._source.outlets)


class _Factory:
    """What both decorators take: the schedule and arguments of the DAG."""

    def __init__(
        self,
        *,
        schedule: Any,
        is_paused_upon_creation: bool | None = None,
        dag_id: str | None = None,
        dag_display_name: str | None = None,
        description: str | None = None,
        params: Any = None,
        on_success_callback: Any = None,
        on_failure_callback: Any = None,
        access_control: dict[str, Any] | None = None,
        owner_links: dict[str, str] | None = None,
        tags: Collection[str] | None = None,
    ) -> None:
        self.schedule = schedule
        self.dag_id = dag_id
        self._of_dag = {
            "is_paused_upon_creation": is_paused_upon_creation,
            "dag_display_name": dag_display_name,
            "description": description,
            "params": params,
            "on_success_callback": on_success_callback,
            "on_failure_callback": on_failure_callback,
            "access_control": access_control,
            "owner_links": owner_links,
            "tags": tags,
        }

    def create_dag(self, *, default_dag_id: str, function: Callable[..., Any]) -> DAG:
        """The DAG, without its task."""
        with as_if_at(call_site()):
            made = DAG(
                self.dag_id or default_dag_id,
                schedule=self.schedule,
                catchup=False,
                doc_md=inspect.cleandoc(function.__doc__) if function.__doc__ else None,
                **self._of_dag,
            )
        made.fileloc = inspect.unwrap(function).__code__.co_filename
        return made

    def make_task(
        self, dag: DAG, function: Callable[..., Any], definition: Any, own_name: str
    ) -> None:
        """Put the task into the DAG: the function's own, where it is a @task.

        Raises TypeError for a function or a @task that cannot write assets.
        """
        if isinstance(function, TaskDecorator):
            if "outlets" in function.kwargs:
                raise TypeError("@asset: what @task writes is the asset; leave its outlets out")
            with dag:
                function.override(outlets=list(definition.iter_outlets()))()
            return
        parameters = inspect.signature(function).parameters.values()
        for item in parameters:
            if item.kind in (item.VAR_POSITIONAL, item.VAR_KEYWORD):
                raise TypeError(
                    f"@asset: {function.__name__}() must name its parameters, not take *{item.name}"
                )
            if item.kind is item.POSITIONAL_ONLY and item.default is item.empty:
                raise TypeError(
                    f"@asset: {function.__name__}() is called by names; {item.name!r} must not "
                    "be positional-only"
                )
        with dag:
            AssetMainOperator(
                task_id=function.__name__,
                inlets=[
                    Asset.ref(name=item.name)
                    for item in parameters
                    if item.name not in (*_GIVEN, own_name) and item.default is item.empty
                ],
                outlets=list(definition.iter_outlets()),
                python_callable=function,
                definition=definition,
            )


class asset(_Factory):  # noqa: N801  the name users write
    """`@asset(schedule=...)`: also `@asset.multi(outlets=[...], schedule=...)`."""

    __module__ = _HOME

    def __init__(
        self,
        *,
        schedule: Any,
        name: str | None = None,
        uri: Any = None,
        group: str = Asset.asset_type,
        extra: dict[str, Any] | None = None,
        watchers: "list[AssetWatcher] | None" = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(schedule=schedule, **kwargs)
        self.name = name
        self.uri = uri
        self.group = group
        self.extra = dict(extra or {})
        self.watchers = list(watchers or ())

    def __call__(self, function: Callable[..., Any]) -> AssetDefinition:
        name = _name_of(function, self.name)
        made = AssetDefinition(
            name=name,
            uri=name if self.uri is None else self.uri,
            group=self.group,
            extra=self.extra,
            watchers=self.watchers,
            function=function,
            source=self,
        )
        dag = self.create_dag(default_dag_id=name, function=function)
        self.make_task(dag, function, made, name)
        return made

    class multi(_Factory):  # noqa: N801  the name users write
        """A function that writes several assets."""

        def __init__(self, *, schedule: Any, outlets: Collection[BaseAsset], **kwargs: Any) -> None:
            super().__init__(schedule=schedule, **kwargs)
            if not outlets:
                raise ValueError("@asset.multi needs outlets: outlets=[Asset('a'), Asset('b')]")
            self.outlets = list(outlets)

        def __call__(self, function: Callable[..., Any]) -> MultiAssetDefinition:
            name = _name_of(function, self.dag_id)
            made = MultiAssetDefinition(name, function, self)
            dag = self.create_dag(default_dag_id=name, function=function)
            self.make_task(dag, function, made, name)
            return made


def _name_of(function: Callable[..., Any], given: str | None) -> str:
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"@asset goes on a function, not on {function!r}")
    if function.__name__ != function.__qualname__:
        raise ValueError(
            f"@asset: nested function not supported: {function.__qualname__} must stand at the "
            "top of its file"
        )
    return given or function.__name__
