"""Find a DAG in the DAG files themselves, without server or database, and answer what it asks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tradewind.authoring import configuration, dag_file
from tradewind.authoring.dag import DAG
from tradewind.authoring.host import use
from tradewind.cli.finding import did_you_mean
from tradewind.cli.wiring import Wiring
from tradewind.config.settings import Settings
from tradewind.loading.discovery import find_dag_files
from tradewind.model.errors import EnvironmentFailure, InvalidDag, NotFound, UserError
from tradewind.model.requests import Request
from tradewind.storage import answers


class StoredAnswers:
    """Answers from the database, if there is one; a test does not need it."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        try:
            self._is_there = bool(wiring.database)
        except EnvironmentFailure:
            self._is_there = False

    def __call__(self, request: Request) -> Any:
        if not self._is_there or answers.is_write(request):
            return None
        with self._wiring.database.read() as connection:
            return answers.answer(connection, request, self._wiring.cipher)


class _WhileReading:
    """Stands around a DAG file that is being read."""

    def __init__(self, answer: StoredAnswers) -> None:
        self._answer = answer

    def ask(self, request: Request) -> Any:
        return self._answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        raise UserError(f"XCom {key!r} can only be pushed by a task, not while its file is read")


def find_local_dag(
    settings: Settings, dag_id: str, file: Path | None, answer: StoredAnswers
) -> DAG:
    """The DAG, from `file` or from the DAGs folder: files that mention its id first.

    Raises NotFound with a hint, or InvalidDag for the file that should have it.
    """
    configuration.use(settings)
    known: set[str] = set()
    broken: dict[Path, InvalidDag] = {}
    for path in [file.absolute()] if file else _candidates(settings, dag_id):
        try:
            found = _dags_of(path, settings, answer)
        except InvalidDag as error:
            broken[path] = error
            continue
        if dag_id in found:
            return found[dag_id]
        known.update(found)
    for path, why in broken.items():
        if file or _mentions(path, dag_id):
            raise why
    where = file or settings.core.dags_folder
    there = did_you_mean(dag_id, known)
    there = there or (f": it has {', '.join(sorted(known))}" if file and known else "")
    unread = f" ({len(broken)} of its files cannot be read)" if broken else ""
    raise NotFound(f"there is no DAG {dag_id!r} in {where}{unread}{there}")


def _candidates(settings: Settings, dag_id: str) -> Iterator[Path]:
    """DAG files, those that contain the dag_id first."""
    files = find_dag_files(settings)
    yield from sorted(files, key=lambda path: not _mentions(path, dag_id))


def _mentions(path: Path, dag_id: str) -> bool:
    return dag_id.encode() in path.read_bytes()


def _dags_of(path: Path, settings: Settings, answer: StoredAnswers) -> dict[str, DAG]:
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        with use(_WhileReading(answer)):
            loaded = dag_file.load(
                path,
                dags_folder=settings.core.dags_folder,
                plugins_folder=settings.core.plugins_folder,
            )
    except (Exception, SystemExit) as error:
        raise InvalidDag(dag_file.explain(error, path)) from error
    return {dag.dag_id: dag for dag in loaded.dags}
