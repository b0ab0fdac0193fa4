"""Read the DAG files from here: for `dags list -l` and `dags reserialize`.

Each file is read in a process of its own, as the DAG processor does.
"""

from collections.abc import Callable
from typing import Any

from tradewind.cli.wiring import Wiring
from tradewind.config.settings import Settings
from tradewind.loading.discovery import find_dag_files
from tradewind.loading.parser import Parser
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan
from tradewind.model.requests import Request
from tradewind.storage import answers, bells, dags


def read_dags_folder(
    settings: Settings, answer: Callable[[Request], Any] | None = None
) -> list[ParsedFile]:
    """Every DAG file as it reads now. Without `answer`, Variables and the like come from the
    environment alone."""
    parser = Parser(settings, answer or (lambda _: None))
    try:
        return sorted(parser.parse_all(find_dag_files(settings)), key=lambda file: file.fileloc)
    finally:
        parser.close()


def read_into_store(wiring: Wiring) -> list[ParsedFile]:
    """Every DAG file as it reads now, kept in the database."""

    def answer(request: Request) -> Any:
        with wiring.database.read() as connection:
            return answers.answer(connection, request, wiring.cipher)

    parsed = read_dags_folder(wiring.settings, answer)
    paused = wiring.settings.core.dags_are_paused_at_creation
    with wiring.database.write() as connection:
        for file in parsed:
            dags.record_file(connection, file, now=wiring.now(), paused_at_creation=paused)
        dags.forget_files(connection, [file.fileloc for file in parsed], wiring.now())
    for topic in ("scheduler", "dags"):
        bells.ring(wiring.database, topic)
    return parsed


def row(file: ParsedFile, plan: Plan) -> dict[str, Any]:
    """A DAG as `dags list` shows it, from its file."""
    return {
        "dag_id": plan.dag_id,
        "fileloc": file.fileloc,
        "owners": plan.owners,
        "schedule": plan.schedule.summary,
        "tags": plan.tags,
        "description": plan.description,
        "bundle_name": "dags-folder",
    }
