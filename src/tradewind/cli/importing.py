"""Import one DAG file in this process, for what runs its tasks here too."""

import faulthandler
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from tradewind.authoring import dag_file
from tradewind.authoring.dag import DAG
from tradewind.authoring.host import use
from tradewind.config.settings import Settings
from tradewind.model.errors import InvalidDag, NotFound, UserError
from tradewind.model.requests import Request


class _WhileReading:
    """Stands around a DAG file that is being read."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self._answer = answer

    def ask(self, request: Request) -> Any:
        return self._answer(request)

    def push_xcom(self, key: str, value: Any) -> None:
        raise UserError(f"XCom {key!r} can only be pushed by a task, not while its file is read")


def import_dags(path: Path, settings: Settings, answer: Callable[[Request], Any]) -> dict[str, DAG]:
    """The file's DAGs by their ids. Raises InvalidDag with the one clear message, or NotFound."""
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    faulthandler.enable(file=2, all_threads=False)  # should it crash, say where
    try:
        with use(_WhileReading(answer)), _limited(settings.core.dagbag_import_timeout):
            loaded = dag_file.load(
                path,
                dags_folder=settings.core.dags_folder,
                plugins_folder=settings.core.plugins_folder,
                config_folder=settings.home / "config",
            )
    except (Exception, SystemExit) as error:
        raise InvalidDag(dag_file.explain(error, path)) from error
    return {dag.dag_id: dag for dag in loaded.dags}


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Let it take so long at most. No limit on a terminal: there is Ctrl-C, and debuggers wait."""
    if sys.stdin.isatty():
        yield
        return

    def give_up(*_: object) -> NoReturn:
        raise TimeoutError(
            f"reading the file took longer than {seconds:g} s (core.dagbag_import_timeout)"
        )

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
