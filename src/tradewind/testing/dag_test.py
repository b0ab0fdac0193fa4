"""What `DAG.test()` does, with the arguments that Airflow's has. `authoring` finds it by name."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from tradewind.authoring.dag import DAG
from tradewind.authoring.timezone import convert_to_utc
from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.model.changes import Change, TaskChanged
from tradewind.model.errors import EnvironmentFailure, Refused, UserError
from tradewind.model.requests import Request
from tradewind.storage import answers, schema
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher
from tradewind.testing.answers import Answer
from tradewind.testing.engine import RunResult, run_dag


def run(
    dag: DAG,
    *,
    logical_date: datetime | None,
    run_conf: dict[str, Any] | None,
    conn_file_path: str | None,
    variable_file_path: str | None,
    use_executor: bool,
    mark_success_pattern: str | None,
) -> RunResult:
    """Run the DAG once in this process, show what happens, and answer what became of it.

    Retry delays are skipped. Variables and Connections come from the files given, from the
    environment, and from the configured database if there is one. Raises Refused for
    `use_executor`.
    """
    if use_executor:
        raise Refused("DAG.test() runs tasks in this process: leave use_executor out")
    settings = load_settings()
    with _files(conn_file_path, variable_file_path), stored_answers(settings) as answer:
        result = run_dag(
            dag,
            logical_date=convert_to_utc(logical_date),
            conf=run_conf,
            settings=settings,
            answer=answer,
            on_change=_show,
            mark_success=mark_success_pattern,
            log_to=sys.stdout,
        )
    sys.stdout.write(f"{result.run.key.run_id}: {result.state}\n")
    return result


@contextmanager
def stored_answers(settings: Settings) -> Iterator[Answer | None]:
    """Reads the configured database within a `with`; None where there is none."""
    cipher = Cipher(settings.core.fernet_key)
    with closing(Database(settings.database.url)) as database:

        def answer(request: Request) -> Any:
            with database.read() as connection:
                return answers.answer(connection, request, cipher)

        try:
            schema.check(database)
        except EnvironmentFailure:
            yield None
        else:
            yield answer


def _show(change: Change) -> None:
    if isinstance(change, TaskChanged):
        task = change.task
        name = task.key.task_id
        if task.key.map_index >= 0:
            name += f"[{task.key.map_index}]"
        sys.stdout.write(f"{name}: {task.state} ({change.reason})\n")


@contextmanager
def _files(connections: str | None, variables: str | None) -> Iterator[None]:
    """Put what the files hold into the environment within a `with`: it is asked first."""
    added = {
        **{f"TRADEWIND_CONN_{name.upper()}": text for name, text in _read(connections)},
        **{f"TRADEWIND_VAR_{name.upper()}": text for name, text in _read(variables)},
    }
    before = {name: os.environ.get(name) for name in added}
    os.environ.update(added)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _read(path: str | None) -> Iterator[tuple[str, str]]:
    """(name, text) of a JSON or YAML file. Raises UserError."""
    if path is None:
        return
    try:
        found = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{path} cannot be read as JSON or YAML: {error}") from error
    if not isinstance(found, dict):
        raise UserError(f"{path} must hold names and their values, as {{NAME: VALUE}}")
    for name, value in found.items():
        yield str(name), value if isinstance(value, str) else json.dumps(value)
