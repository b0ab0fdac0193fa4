"""The very first start: of an environment that was just made, in a clone that was just made."""

import subprocess
import tempfile
from pathlib import Path

from benchmarks.product import Tradewind

ROOT = Path(__file__).parents[1]


def first_start() -> float:
    """Seconds to healthy of the first start after `make setup` in a fresh clone of this one."""
    with tempfile.TemporaryDirectory(prefix="tradewind-bench-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        subprocess.run(["make", "setup"], cwd=clone, check=True, stdout=subprocess.DEVNULL)
        with Tradewind(folder=clone / ".venv" / "bin") as engine:
            return engine.healthy_after_s
