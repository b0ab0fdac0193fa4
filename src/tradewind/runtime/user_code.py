"""The DAG files that this process has loaded: in a zygote one or none, in a task its own."""

from pathlib import Path

from tradewind.authoring import dag_file, host
from tradewind.authoring.dag import DAG
from tradewind.authoring.dag_file import LoadedFile
from tradewind.config.settings import Settings
from tradewind.model.errors import NotFound


class UserCode:
    """Loads a file once; what a zygote has loaded its forks find here."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[str, LoadedFile] = {}

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

    def dag(self, fileloc: str, dag_id: str, asked: host.Host) -> DAG:
        """One DAG of a file. Raises NotFound if it is not there any more."""
        for dag in self.load(fileloc, asked).dags:
            if dag.dag_id == dag_id:
                return dag
        raise NotFound(f"{fileloc} has no DAG {dag_id!r} any more")
