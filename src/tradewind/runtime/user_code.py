"""The DAG files that this process has loaded: in a zygote one or none, in a task its own."""

from pathlib import Path

from tradewind.authoring import dag_file, host
from tradewind.authoring.dag import DAG
from tradewind.authoring.dag_file import LoadedFile
from tradewind.authoring.fingerprints import Fingerprints
from tradewind.authoring.operator import BaseOperator
from tradewind.authoring.sites import Site
from tradewind.config.settings import Settings
from tradewind.model.errors import NotFound
from tradewind.model.parsed import RecordedInput


class NoLongerThere(NotFound):
    """The file has changed since the task was scheduled. `site` is where it would be."""

    def __init__(self, message: str, site: Site) -> None:
        super().__init__(message)
        self.site = site


class UserCode:
    """Loads a file once; what a zygote has loaded its forks find here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[str, LoadedFile] = {}
        self._disk = Fingerprints()

    def load(self, fileloc: str, asked: host.Host) -> LoadedFile:
        """Execute a DAG file, unless that is done. Raises whatever it raises."""
        if fileloc not in self._loaded:
            core = self._settings.core
            with host.use(asked):
                self._loaded[fileloc] = dag_file.load(
                    Path(fileloc),
                    dags_folder=core.dags_folder,
                    plugins_folder=core.plugins_folder,
                    config_folder=self._settings.home / "config",
                )
        return self._loaded[fileloc]

    def task(
        self, fileloc: str, dag_id: str, task_id: str, asked: host.Host
    ) -> tuple[DAG, BaseOperator]:
        """A task of a file, and its DAG. Raises NoLongerThere."""
        for dag in self.load(fileloc, asked).dags:
            if dag.dag_id != dag_id:
                continue
            if task_id in dag.task_dict:
                return dag, dag.task_dict[task_id]
            raise NoLongerThere(f"DAG {dag_id!r} has no task {task_id!r} any more", dag.site)
        raise NoLongerThere(f"there is no DAG {dag_id!r} any more", Site(fileloc, 1))

    def first_changed(self) -> RecordedInput | None:
        """Something on disk that was read while loading and is not what it was then."""
        for loaded in self._loaded.values():
            if (changed := self._disk.first_changed(loaded.inputs)) is not None:
                return changed
        return None
