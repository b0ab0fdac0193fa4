"""What plugin files say: a class that lists what they bring, and marks on listeners' functions."""

from collections.abc import Callable
from typing import Any, ClassVar


class AirflowPlugin:
    """Subclasses list what a plugin brings."""

    __module__ = "airflow._shared.plugins_manager.plugins_manager"

    name: str | None = None
    source: Any = None
    macros: ClassVar[list[Any]] = []
    admin_views: ClassVar[list[Any]] = []
    flask_blueprints: ClassVar[list[Any]] = []
    fastapi_apps: ClassVar[list[Any]] = []
    fastapi_root_middlewares: ClassVar[list[Any]] = []
    external_views: ClassVar[list[Any]] = []
    react_apps: ClassVar[list[Any]] = []
    menu_links: ClassVar[list[Any]] = []
    appbuilder_views: ClassVar[list[Any]] = []
    appbuilder_menu_items: ClassVar[list[Any]] = []
    global_operator_extra_links: ClassVar[list[Any]] = []
    operator_extra_links: ClassVar[list[Any]] = []
    timetables: ClassVar[list[type]] = []
    partition_mappers: ClassVar[list[type]] = []
    windows: ClassVar[list[type]] = []
    listeners: ClassVar[list[Any]] = []
    hook_lineage_readers: ClassVar[list[type]] = []
    priority_weight_strategies: ClassVar[list[type]] = []
    deadline_references: ClassVar[list[type]] = []

    @classmethod
    def validate(cls) -> None:
        """Raise ValueError for a plugin without a name."""
        if not cls.name:
            raise ValueError(f"the plugin {cls.__name__} has no name")

    @classmethod
    def on_load(cls, *args: Any, **kwargs: Any) -> None:
        """Called when the plugin is loaded."""


def hookimpl(function: Callable[..., Any] | None = None, **options: Any) -> Any:
    """Mark a listener's function, with or without options, as one that is to be called."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        function.airflow_impl = options  # type: ignore[attr-defined]
        return function

    return mark if function is None else mark(function)
