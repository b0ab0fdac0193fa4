"""What the scheduler's process is made of, and how it refuses to start."""

import os
import subprocess
import sys
from pathlib import Path

from tests.patience import PATIENCE_S

HEAVY = ("tradewind.authoring", "tradewind.loading", "fastapi", "jinja2", "pendulum", "alembic")


def test_it_loads_no_user_code_machinery() -> None:
    code = "import sys, tradewind.scheduler.process; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; from tradewind.config.load import load_settings; "
        "from tradewind.scheduler.process import main; sys.exit(main(load_settings()))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TRADEWIND_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )

    assert ended.returncode == 1
    assert "tradewind db migrate" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
