"""Read the DAG files from here, for `dags list -l` and the like.

Each file is read in a process of its own, as the DAG processor does.
"""

from typing import Any

from tradewind.cli.local_dags import StoredAnswers
from tradewind.cli.wiring import Wiring
from tradewind.config.airflow_package import check_airflow_package
from tradewind.loading.discovery import find_dag_files
from tradewind.loading.parser import Parser
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan


def read_dags_folder(wiring: Wiring) -> list[ParsedFile]:
    """Every DAG file as it reads now; Variables and the like come from the database if there is
    one. Nothing is recorded."""
    settings = wiring.settings
    check_airflow_package()
    parser = Parser(settings, StoredAnswers(wiring))
    try:
        return sorted(parser.parse_all(find_dag_files(settings)), key=lambda file: file.fileloc)
    finally:
        parser.close()


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
