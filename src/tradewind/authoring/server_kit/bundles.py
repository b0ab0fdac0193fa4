"""The base of bundles: where DAG files come from, and which version of them."""

import fcntl
import logging
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.authoring.configuration import conf
from tradewind.authoring.server_kit.refusals import refused_class

log = logging.getLogger(__name__)

_HOME = "airflow.dag_processing.bundles.base"
REFRESH_S = 300


@dataclass(frozen=True)
class BundleVersion:
    """A version of a bundle's files: a commit, a digest, and what else finds them again."""

    version: str
    data: dict[str, Any] | None = None


BundleVersion.__module__ = _HOME


def get_bundle_storage_root_path() -> Path:
    """The folder that bundles keep their files in."""
    said = conf.get("dag_processor", "dag_bundle_storage_path", fallback=None)
    return Path(said) if said else Path(tempfile.gettempdir(), "airflow", "dag_bundles")


def get_bundle_base_folder(bundle_name: str) -> Path:
    """A bundle's own folder."""
    return get_bundle_storage_root_path() / bundle_name


def get_bundle_versions_base_folder(bundle_name: str) -> Path:
    """The folder of its versions."""
    return get_bundle_base_folder(bundle_name) / "versions"


def get_bundle_version_path(bundle_name: str, version: str) -> Path:
    """The folder of one version."""
    return get_bundle_versions_base_folder(bundle_name) / version


class BaseDagBundle(ABC):
    """A source of DAG files. `initialize` brings the files to `path`; `refresh` the newest."""

    __module__ = _HOME

    supports_versioning: bool = False

    def __init__(
        self,
        *,
        name: str,
        refresh_interval: int | None = None,
        version: str | None = None,
        view_url_template: str | None = None,
    ) -> None:
        """`refresh_interval`: seconds, `[dag_processor] refresh_interval` if left out."""
        self.name = name
        self.version = version
        if refresh_interval is None:
            refresh_interval = conf.getint("dag_processor", "refresh_interval", fallback=REFRESH_S)
        self.refresh_interval = refresh_interval
        self.is_initialized = False
        self.base_dir = get_bundle_base_folder(name)
        self.versions_dir = get_bundle_versions_base_folder(name)
        self._view_url_template = view_url_template
        self._locked = False

    def initialize(self) -> None:
        """Bring the files; a class of its own calls this last."""
        self.is_initialized = True
        if not self.path.exists():
            log.warning("Bundle %r: there is no folder %s", self.name, self.path)

    @property
    @abstractmethod
    def path(self) -> Path:
        """The folder with the DAG files."""

    @abstractmethod
    def get_current_version(self) -> str | BundleVersion | None:
        """The version of the files that are there, None without versions."""

    @abstractmethod
    def refresh(self) -> None:
        """Bring the newest files."""

    def view_url(self, version: str | None = None) -> str | None:
        """A page that shows the files: `view_url_template` is today's way to say it."""
        warnings.warn(
            "view_url is deprecated; use view_url_template", DeprecationWarning, stacklevel=2
        )
        return None

    def view_url_template(self) -> str | None:
        """The address of a page that shows a file, with {version} and {subdir} in it."""
        return self._view_url_template

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other processes out that use the bundle of this name; may be taken within itself."""
        if self._locked:
            yield
            return
        folder = get_bundle_storage_root_path() / "_locks"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"{self.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # closing the file lets it go
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name})"


BundleUsageTrackingManager = refused_class(
    _HOME, "BundleUsageTrackingManager", "it keeps no folders of versions that could be stale"
)
