"""What Airflow was seen to answer, one file a version, one line a case."""

import json
from pathlib import Path
from typing import Any

from tests.oracle.cases import SHOWN

_HERE = Path(__file__).parent
_WITH_DATES = 4
"""Runs of a case whose dates in templates are kept."""


def keep(version: str, answers: dict[str, Any]) -> None:
    """Write them down: of the dates that a run shows only the values, in order."""
    lines = []
    for name, found in answers.items():
        for number, run in enumerate(found.get("runs", ())):
            shown = run.pop("shown")
            if number < _WITH_DATES:
                run["shown"] = list(shown.values())
        if "manual" in found:
            found["manual"]["shown"] = list(found["manual"]["shown"].values())
        lines.append(f"{json.dumps(name)}:{json.dumps(found, separators=(',', ':'))}")
    (_HERE / f"{version}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def kept(version: str) -> dict[str, Any]:
    """The answers to every case."""
    answers: dict[str, Any] = json.loads((_HERE / f"{version}.json").read_text())
    for found in answers.values():
        for run in [*found.get("runs", ()), found.get("manual", {})]:
            if "shown" in run:
                run["shown"] = dict(zip(SHOWN[version], run["shown"], strict=False))
    return answers
