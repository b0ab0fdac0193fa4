"""Where each real Airflow lives."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def environment(version: str) -> Path:
    """The Python of an environment with that Airflow; made where there is none."""
    folder = ROOT / ".oracle" / f"airflow-{version}"
    python = folder / "bin" / "python"
    ready = folder / ".ready"
    if not ready.exists():
        venv.create(folder, with_pip=True, clear=True)
        uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        has_uv = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True)
        needed = [f"apache-airflow=={version}", "time-machine"]
        subprocess.run([*(pip if has_uv.returncode else uv), *needed], check=True)
        ready.touch()
    return python
