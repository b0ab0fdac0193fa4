"""Where the log of a try is kept, below the folder of all logs."""

from pathlib import Path
from urllib.parse import quote

from tradewind.model.keys import RunKey, TaskKey


def log_folder(base: Path, run: RunKey) -> Path:
    """Where all logs of a run are."""
    return base / f"dag_id={quote(run.dag_id, safe='')}" / f"run_id={quote(run.run_id, safe='')}"


def log_path(base: Path, key: TaskKey, try_number: int) -> Path:
    """`dag_id=D/run_id=R/task_id=T/[map_index=M/]attempt=N.log` below `base`, ids percent-quoted."""
    folder = log_folder(base, key.run) / f"task_id={quote(key.task_id, safe='')}"
    if key.map_index >= 0:
        folder /= f"map_index={key.map_index}"
    return folder / f"attempt={try_number}.log"
