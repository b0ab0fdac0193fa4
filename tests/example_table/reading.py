"""Reading files as the dag-processor does: the fork server's child, one per file."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tradewind.config.load import load_settings
from tradewind.loading.parser import Parser
from tradewind.model.parsed import ParsedFile
from tradewind.model.requests import Request, TimetableQuestions


def read_all(folder: Path, home: Path, beside: Path | None = None) -> dict[Path, ParsedFile]:
    """Every Python file in an example folder below `folder`, by its path below it.

    The release's own helpers are found as `airflow.example_dags...`, as they are where it is
    installed; nothing else of it is there. `beside` is a folder of packages to have as well.
    """
    settings = load_settings(
        {
            "TRADEWIND_HOME": str(home),
            "TRADEWIND__CORE__DAGS_FOLDER": str(folder),
            "TRADEWIND__CORE__PLUGINS_FOLDER": str(folder / "airflow" / "example_dags" / "plugins"),
        }
    )
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    with _importable(folder, beside), closing(Parser(settings, _answer)) as parser:
        parsed = {Path(item.fileloc): item for item in parser.parse_all(sorted(files))}
    return {path.relative_to(folder): parsed[path] for path in sorted(parsed)}


def _answer(request: Request) -> Any:
    """What a file is told that asks: nothing is stored, and nothing is asked of its timetables."""
    return {"until": None, "questions": []} if isinstance(request, TimetableQuestions) else None


@contextmanager
def _importable(*folders: Path | None) -> Iterator[None]:
    before = os.environ.get("PYTHONPATH")
    more = [str(folder) for folder in folders if folder is not None]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (*more, before)))
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
