"""Where the log of a try is kept, below the folder of all logs."""

from pathlib import Path
from urllib.parse import quote

from tradewind.model.keys import TaskKey


def log_path(base: Path, key: TaskKey, try_number: int) -> Path:
    """`dag_id=D/run_id=R/task_id=T/[map_index=M/]attempt=N.log` below `base`, ids percent-quoted."""
    folder = (
        base
        / f"dag_id={quote(key.dag_id, safe='')}"
        / f"run_id={quote(key.run_id, safe='')}"
        / f"task_id={quote(key.task_id, safe='')}"
    )
    if key.map_index >= 0:
        folder /= f"map_index={key.map_index}"
    return folder / f"attempt={try_number}.log"
