"""What Airflow was seen to make of the random DAGs: states and values by seed, nothing else.

Each answer stands beside a fingerprint of the files and the story it belongs to, so that one of
another DAG is never taken for it.
"""

import gzip
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.oracle.outcomes.sketch import Sketch
from tests.oracle.outcomes.writing import source

_FOLDER = Path(__file__).resolve().parents[1] / "answers"


def fingerprint(sketch: Sketch, version: str) -> str:
    """Of all that an answer depends on."""
    files = [source(sketch, version, edition) for edition in sketch.editions]
    return sha256(json.dumps([files, sketch.story]).encode()).hexdigest()[:12]


def keep(version: str, answers: dict[int, tuple[str, Any]]) -> None:
    """Write down (fingerprint, answer) by seed."""
    lines = [json.dumps([seed, *found], sort_keys=True) for seed, found in sorted(answers.items())]
    data = "\n".join(lines).encode()
    _path(version).write_bytes(gzip.compress(data, 9, mtime=0))


def kept(version: str) -> dict[int, tuple[str, Any]]:
    """(fingerprint, answer) by seed; empty where nothing was asked yet."""
    if not _path(version).exists():
        return {}
    text = gzip.decompress(_path(version).read_bytes()).decode()
    rows = [json.loads(line) for line in text.splitlines()]
    return {seed: (mark, answer) for seed, mark, answer in rows}


def _path(version: str) -> Path:
    return _FOLDER / f"outcomes-{version}.jsonl.gz"
