"""ProvidersManager: what the installed provider packages bring, as provider packages ask for it."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple, Self

from tradewind.authoring import provider_packages
from tradewind.authoring.provider_kit.class_paths import import_string
from tradewind.authoring.provider_packages import ProviderInfo


class HookInfo(NamedTuple):
    """The hook of a connection type."""

    hook_class_name: str
    connection_id_attribute_name: str
    package_name: str
    hook_name: str
    connection_type: str
    connection_testable: bool
    dialects: list[str]


class DialectInfo(NamedTuple):
    """A dialect of SQL."""

    name: str
    dialect_class_name: str
    provider_name: str


class PluginInfo(NamedTuple):
    """A plugin of a provider."""

    name: str
    plugin_class: str
    provider_name: str


class TriggerInfo(NamedTuple):
    """A module of triggers."""

    trigger_class_name: str
    package_name: str
    integration_name: str


for _info in (HookInfo, DialectInfo, PluginInfo, TriggerInfo):
    _info.__module__ = "airflow.providers_manager"


_INITIALIZED = (
    "asset_uri_resources",
    "auth_managers",
    "cli_command",
    "configuration",
    "db_managers",
    "executors",
    "extra_links",
    "filesystems",
    "hooks",
    "list",
    "logging",
    "notifications",
    "plugins",
    "queues",
    "remote_logging",
    "secrets_backends",
    "taskflow_decorator",
    "triggers",
)
"""What may be asked to be read beforehand."""


class _Hooks(Mapping[str, HookInfo | None]):
    """By connection type; a hook's module is imported when it is asked for."""

    def __getitem__(self, conn_type: str) -> HookInfo:
        package, path = provider_packages.hook_classes()[conn_type]
        hook = import_string(path)
        return HookInfo(
            hook_class_name=path,
            connection_id_attribute_name=getattr(hook, "conn_name_attr", "conn_id"),
            package_name=package,
            hook_name=getattr(hook, "hook_name", hook.__name__),
            connection_type=conn_type,
            connection_testable=hasattr(hook, "test_connection"),
            dialects=[],
        )

    def __iter__(self) -> Iterator[str]:
        return iter(provider_packages.hook_classes())

    def __len__(self) -> int:
        return len(provider_packages.hook_classes())


class ProvidersManagerTaskRuntime:
    """The packages as tasks see them; one for the process."""

    __module__ = "airflow.sdk.providers_manager_runtime"

    _one: Self | None = None

    def __new__(cls) -> Self:
        if "_one" not in cls.__dict__ or cls._one is None:
            cls._one = super().__new__(cls)
        return cls._one

    def __getattr__(self, name: str) -> Any:
        if name.removeprefix("initialize_providers_") in _INITIALIZED:
            return provider_packages.installed
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def providers(self) -> dict[str, ProviderInfo]:
        """By package name."""
        return provider_packages.installed()

    @cached_property
    def hooks(self) -> Mapping[str, HookInfo | None]:
        """By connection type."""
        return _Hooks()

    @cached_property
    def dialects(self) -> dict[str, DialectInfo]:
        """By name of the dialect."""
        return {
            entry["dialect-type"]: DialectInfo(
                entry["dialect-type"], entry["dialect-class-name"], package
            )
            for package, entry in provider_packages.brought("dialects")
        }

    @cached_property
    def taskflow_decorators(self) -> dict[str, Any]:
        """The decorators behind `@task.NAME`."""
        return {
            name: import_string(path) for name, path in provider_packages.task_decorators().items()
        }

    @cached_property
    def plugins(self) -> list[PluginInfo]:
        """Every plugin that a provider brings."""
        return [
            PluginInfo(entry["name"], entry["plugin-class"], package)
            for package, entry in provider_packages.brought("plugins")
        ]

    @cached_property
    def filesystem_module_names(self) -> list[str]:
        """Modules that bring fsspec filesystems."""
        return sorted(entry for _, entry in provider_packages.brought("filesystems"))

    @cached_property
    def asset_factories(self) -> dict[str, Callable[..., Any]]:
        """By scheme: what makes an asset."""
        return self._of_assets("factory")

    @cached_property
    def asset_uri_handlers(self) -> dict[str, Callable[..., Any]]:
        """By scheme: what brings an asset's URI into its one form."""
        return self._of_assets("handler")

    @cached_property
    def asset_to_openlineage_converters(self) -> dict[str, Callable[..., Any]]:
        """By scheme: what names an asset for OpenLineage."""
        return self._of_assets("to_openlineage_converter")

    @staticmethod
    def _of_assets(role: str) -> dict[str, Callable[..., Any]]:
        return {
            scheme: import_string(entry[role])
            for _, entry in provider_packages.brought("asset-uris")
            if entry.get(role)
            for scheme in entry.get("schemes", ())
        }


class ProvidersManager(ProvidersManagerTaskRuntime):
    """The same, with what only servers ask for; one for the process."""

    __module__ = "airflow.providers_manager"

    @cached_property
    def extra_links_class_names(self) -> list[str]:
        """Classes of links on a task's page."""
        return self._classes("extra-links")

    @cached_property
    def secrets_backend_class_names(self) -> list[str]:
        """Classes of secrets backends."""
        return self._classes("secrets-backends")

    @cached_property
    def executor_class_names(self) -> list[str]:
        """Classes of executors."""
        return self._classes("executors")

    @cached_property
    def logging_class_names(self) -> list[str]:
        """Classes of log handlers."""
        return self._classes("logging")

    @cached_property
    def queue_class_names(self) -> list[str]:
        """Classes of message queues."""
        return self._classes("queues")

    @cached_property
    def notification(self) -> list[str]:
        """Classes of notifiers."""
        return self._classes("notifications")

    @cached_property
    def auth_managers(self) -> list[str]:
        """Classes of auth managers."""
        return self._classes("auth-managers")

    @cached_property
    def db_managers(self) -> list[str]:
        """Classes that migrate tables of a package."""
        return self._classes("db-managers")

    @cached_property
    def trigger(self) -> list[TriggerInfo]:
        """The modules of triggers."""
        return [
            TriggerInfo(module, package, entry["integration-name"])
            for package, entry in provider_packages.brought("triggers")
            for module in entry["python-modules"]
        ]

    @cached_property
    def provider_configs(self) -> list[tuple[str, dict[str, Any]]]:
        """(package name, options by section) of packages that bring options."""
        return [
            (name, provider.data["config"])
            for name, provider in self.providers.items()
            if provider.data.get("config")
        ]

    @staticmethod
    def _classes(key: str) -> list[str]:
        return sorted(entry for _, entry in provider_packages.brought(key))
