"""Find a DAG in the DAG files themselves, without a server, and answer what its file asks.

Only the file that has the DAG is imported here; to learn which one it is, files are read in
processes of their own, for any of them may hang or crash.
"""

import math
import re
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tradewind.authoring import configuration
from tradewind.authoring.dag import DAG
from tradewind.cli.failures import say
from tradewind.cli.finding import did_you_mean
from tradewind.cli.importing import import_dags
from tradewind.cli.wiring import Wiring
from tradewind.config.airflow_package import check_airflow_package
from tradewind.loading.discovery import find_dag_files
from tradewind.loading.parser import Parser
from tradewind.model.errors import EnvironmentFailure, InvalidDag, NotFound
from tradewind.model.requests import Request
from tradewind.storage import answers
from tradewind.storage.listings.dags import find_dag

PATIENCE_S = 3.0
"""After this long the user is told what we wait for."""


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

    def file_of(self, dag_id: str) -> Path | None:
        """Where the DAG was when the DAG processor last read it."""
        if not self._is_there:
            return None
        with self._wiring.database.read() as connection:
            row = find_dag(connection, dag_id)
        return Path(row.fileloc) if row else None


def find_local_dag(wiring: Wiring, dag_id: str, file: Path | None, answer: StoredAnswers) -> DAG:
    """The DAG, from `file` or from the DAGs folder.

    Raises NotFound with a hint, or InvalidDag for the file that should have it.
    """
    check_airflow_package()
    configuration.use(wiring.settings)
    if file is not None:
        found = import_dags(file.absolute(), wiring.settings, answer)
        if dag_id not in found:
            has = ", ".join(sorted(found)) or "none"
            hint = did_you_mean(dag_id, found) or f": it has {has}"
            raise NotFound(f"there is no DAG {dag_id!r} in {file}{hint}")
        return found[dag_id]
    return _Search(wiring, dag_id, answer).find()


class _Search:
    """Looks for one DAG in the DAGs folder."""

    def __init__(self, wiring: Wiring, dag_id: str, answer: StoredAnswers) -> None:
        self._settings = wiring.settings
        self._dag_id = dag_id
        self._answer = answer
        self._files = find_dag_files(wiring.settings)
        self._word = re.compile(rb"(?<![\w.-])" + re.escape(dag_id.encode()) + rb"(?![\w.-])")
        self._known: set[str] = set()
        self._broken: dict[Path, str] = {}

    def find(self) -> DAG:
        """Look where it was, then where its id is written, then everywhere."""
        mentioning = [path for path in self._files if self._mentions(path)]
        likely = self._answer.file_of(self._dag_id)
        if likely not in self._files:
            likely = mentioning[0] if len(mentioning) == 1 else None
        elif likely not in mentioning:
            mentioning.append(likely)
        dag = self._import(likely) if likely else None
        if dag is not None:
            return dag
        others = [path for path in self._files if path not in (likely, *mentioning)]
        holder = self._holder([path for path in mentioning if path != likely])
        holder = holder or self._holder(others)
        dag = self._import(holder) if holder else None
        if dag is not None:
            return dag
        for path in mentioning:
            if path in self._broken:
                raise InvalidDag(self._broken[path])
        raise NotFound(self._why_not())

    def _import(self, path: Path) -> DAG | None:
        try:
            found = import_dags(path, self._settings, self._answer)
        except InvalidDag as error:
            self._broken[path] = str(error)
            return None
        self._known.update(found)
        return found.get(self._dag_id)

    def _holder(self, paths: list[Path]) -> Path | None:
        """The first file found to have the DAG; the others are then given up."""
        if not paths:
            return None
        with closing(Parser(self._settings, self._answer)) as parser:
            for path in paths:
                parser.submit(path)
            tell_at = time.monotonic() + PATIENCE_S
            while parser.under_way:
                read = parser.receive(_until(tell_at))
                if time.monotonic() >= tell_at:
                    tell_at = math.inf
                    _say_what_takes_long(parser.under_way)
                for file in read:
                    if file.error is not None:
                        self._broken[Path(file.fileloc)] = file.error
                    dag_ids = {plan.dag_id for plan in file.plans}
                    if self._dag_id in dag_ids:
                        return Path(file.fileloc)
                    self._known |= dag_ids
        return None

    def _mentions(self, path: Path) -> bool:
        try:
            return self._word.search(path.read_bytes()) is not None
        except OSError:
            return False

    def _why_not(self) -> str:
        number = len(self._broken)
        files = "one of its files" if number == 1 else f"{number} of its files"
        unread = f" ({files} cannot be read: `dags list-import-errors -l` says why)"
        hint = did_you_mean(self._dag_id, self._known) or "; `dags list -l` shows all"
        folder = self._settings.core.dags_folder
        return f"there is no DAG {self._dag_id!r} in {folder}{unread if number else ''}{hint}"


def _until(moment: float) -> float | None:
    """Seconds from now; None for never."""
    return None if moment == math.inf else max(0.0, moment - time.monotonic())


def _say_what_takes_long(paths: set[Path]) -> None:
    if not paths:
        return
    first, *others = sorted(paths)
    more = f" and {len(others)} more" if others else ""
    say(f"Still reading {first}{more}; Ctrl-C gives up.")
