"""A sketch as a DAG file, spelled for Airflow 3 or for Airflow 2."""

from collections.abc import Iterator
from pathlib import Path

from tests.oracle.cases import NEW
from tests.oracle.outcomes.sketch import Group, Job, Sketch

_HEADS = {
    True: """\
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup, task, task_group
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
""",
    False: """\
from airflow import DAG
from airflow.decorators import task, task_group
from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.operators.empty import EmptyOperator
from airflow.utils.task_group import TaskGroup
""",
}

_BODY = """

def total(value):
    if value is None:
        return 7
    if isinstance(value, int):
        return int(value)
    sum = 1
    for part in value:
        sum = (31 * sum + total(part)) % 1000003
    return sum


def act(does, arg=1, given=None, ti=None):
    seen = total(given)
    if does == "fail" and ti.try_number <= arg:
        raise ValueError("on purpose")
    if does == "skip" and ti.try_number <= arg or does == "skip on" and seen % arg == 0:
        raise AirflowSkipException("on purpose")
    if does == "stop" or does == "fail on" and seen % arg == 0:
        raise AirflowFailException("on purpose")
    if does == "none":
        return None
    if does == "no":
        return False
    if does == "list":
        return [seen % 5 + number for number in range(arg)]
    return seen + arg


def choose(names):
    return names

"""


def source(sketch: Sketch, version: str, edition: int = 1) -> str:
    """The text of the file; `edition` 2 lacks the task that is removed."""
    without = sketch.removed if edition == 2 else None
    options = "".join(f", {name}={value}" for name, value in sorted(sketch.dag_options.items()))
    head = f'with DAG("{sketch.dag_id}", schedule=None, start_date=datetime(2024, 1, 1){options}):'
    lines = [f"    {line}" for line in _items(sketch.items, without)]
    dates = "from datetime import datetime, timedelta\n\n"
    return dates + _HEADS[version == NEW] + _BODY + "\n".join([head, *lines]) + "\n"


def _items(items: list[Job | Group], without: str | None) -> Iterator[str]:
    for item in items:
        if item.name == without:
            continue
        if isinstance(item, Job):
            yield f"{item.name} = {_job(item, without)}"
        elif item.over is None:
            yield f'with TaskGroup("{item.name}") as {item.name}:'
            yield from (f"    {line}" for line in _items(item.items, without))
        else:
            yield f'@task_group(group_id="{item.name}")'
            yield f"def {item.name}_tasks(x):"
            yield from (f"    {line}" for line in _items(item.items, without))
            yield f"{item.name} = {item.name}_tasks.expand(x={item.over})"
        after = [name for name in item.after if name != without]
        if after:
            yield f"[{', '.join(after)}] >> {item.name}"


def _job(job: Job, without: str | None) -> str:
    options = dict(job.options)
    if job.rule is not None:
        options["trigger_rule"] = f'"{job.rule}"'
    named = "".join(f", {name}={value}" for name, value in sorted(options.items()))
    if job.form == "empty":
        return f'EmptyOperator(task_id="{job.name}"{named})'
    if job.form == "branch":
        return f'task.branch(task_id="{job.name}"{named})(choose)({job.follows})'
    decorator = "task.short_circuit" if job.form == "short_circuit" else "task"
    call = f'{decorator}(task_id="{job.name}"{named})(act)'
    if job.over is not None and job.over != without:
        call += f'.partial(does="{job.does}", arg={job.arg}).expand(given={job.over})'
    else:
        given = "" if job.given in (None, without) else f", {job.given}"
        call += f'("{job.does}", {job.arg}{given})'
    return call + job.ending


def written(sketch: Sketch, version: str, folder: Path) -> list[Path]:
    """The files of a sketch, each edition in one of its own."""
    paths = []
    for edition in sketch.editions:
        path = folder / f"{sketch.dag_id}_{edition}.py"
        path.write_text(source(sketch, version, edition))
        paths.append(path)
    return paths
