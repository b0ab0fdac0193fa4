"""DagBag: the DAGs of a folder, read in this process, for people's own tests of their DAG files."""

import dataclasses
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tradewind.authoring import configuration, dag_file
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag import DAG
from tradewind.authoring.errors import AirflowDagDuplicatedIdException
from tradewind.authoring.logs import LoggingMixin
from tradewind.config.settings import Settings
from tradewind.loading.discovery import find_dag_files


class FileLoadStat(NamedTuple):
    """What reading one file took and gave."""

    file: str
    duration: timedelta
    dag_num: int
    task_num: int
    dags: str
    warning_num: int = 0
    bundle_path: Path | None = None
    bundle_name: str | None = None


FileLoadStat.__module__ = "airflow.dag_processing.dagbag"


class DagBag(LoggingMixin):
    """`dags` by id; `import_errors` by file. Other arguments of 1.10 and 2.x have no effect."""

    __module__ = "airflow.dag_processing.dagbag"

    def __init__(
        self,
        dag_folder: str | os.PathLike[str] | None = None,
        *_: Any,
        collect_dags: bool = True,
        bundle_name: str | None = None,
        **__: Any,
    ) -> None:
        settings = configuration.current()
        self.dag_folder = Path(dag_folder or settings.core.dags_folder).expanduser()
        self.bundle_name = bundle_name
        self.dags: dict[str, DAG] = {}
        self.import_errors: dict[str, str] = {}
        self.dagbag_stats: list[FileLoadStat] = []
        if collect_dags:
            self.collect_dags()

    def collect_dags(
        self, dag_folder: str | os.PathLike[str] | None = None, *_: Any, **__: Any
    ) -> None:
        """Read every file of the folder (or the one file) that may hold DAGs."""
        settings = self._settings(Path(dag_folder or self.dag_folder).expanduser())
        if not settings.core.dags_folder.exists():
            raise FileNotFoundError(f"there is no DAGs folder {settings.core.dags_folder}")
        for path in find_dag_files(settings):
            self.process_file(path)

    def process_file(self, filepath: str | os.PathLike[str], *_: Any, **__: Any) -> list[DAG]:
        """The DAGs of one file, which are put into `dags`; none if it has an error."""
        path = Path(filepath)
        settings = self._settings(self.dag_folder)
        begun = time.perf_counter()
        folder = settings.core.dags_folder
        self.import_errors.pop(str(path), None)
        try:
            found = dag_file.load(
                path,
                dags_folder=folder if folder.is_dir() else folder.parent,
                plugins_folder=settings.core.plugins_folder,
                config_folder=settings.home / "config",
            ).dags
            for dag in found:
                compile_dag(dag, defaults=settings.core)
                self.bag_dag(dag)
        except Exception as error:
            self.import_errors[str(path)] = dag_file.explain(error, path)
            found = []
        self.dagbag_stats.append(
            FileLoadStat(
                file=str(path),
                duration=timedelta(seconds=time.perf_counter() - begun),
                dag_num=len(found),
                task_num=sum(len(dag.tasks) for dag in found),
                dags=str([dag.dag_id for dag in found]),
            )
        )
        return list(found)

    def bag_dag(self, dag: DAG) -> None:
        """Take one DAG. Raises AirflowDagDuplicatedIdException if another file has its id."""
        other = self.dags.get(dag.dag_id)
        if other is not None and other.fileloc != dag.fileloc:
            raise AirflowDagDuplicatedIdException(
                f"DAG {dag.dag_id!r} of {dag.fileloc} is in {other.fileloc} as well"
            )
        self.dags[dag.dag_id] = dag

    def get_dag(self, dag_id: str, session: Any = None) -> DAG | None:
        """The DAG, or None."""
        return self.dags.get(dag_id)

    def size(self) -> int:
        """How many DAGs there are."""
        return len(self.dags)

    @property
    def dag_ids(self) -> list[str]:
        """Their ids."""
        return list(self.dags)

    def dagbag_report(self) -> str:
        """A line for each file, the slowest first."""
        slowest = sorted(self.dagbag_stats, key=lambda stat: stat.duration, reverse=True)
        return "\n".join(
            f"{stat.file}: {stat.dag_num} DAGs, {stat.task_num} tasks, "
            f"{stat.duration.total_seconds():.3f} s"
            for stat in slowest
        )

    def _settings(self, folder: Path) -> Settings:
        settings = configuration.current()
        return dataclasses.replace(
            settings, core=dataclasses.replace(settings.core, dags_folder=folder)
        )
