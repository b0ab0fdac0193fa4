"""What an author got wrong is found while the file is read: its line, and what would be right.

`#!` marks the line that must be named.
"""

import re
from pathlib import Path

import pytest

from tradewind.authoring.compile import compile_dag
from tradewind.authoring.dag_file import explain, load
from tradewind.config.settings import Core

HEAD = """
from datetime import date, datetime, timedelta
from airflow.sdk import DAG, Asset, CronTriggerTimetable, Param, TaskGroup, task
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator

def tell(context): ...
"""


def dag(arguments: str, task: str = "EmptyOperator(task_id='t')") -> str:
    return f"with DAG('d', {arguments}):  #!\n    {task}"


def one(task: str, **settings: str) -> str:
    arguments = "".join(f", {name}={value}" for name, value in settings.items())
    return f"with DAG('d'{arguments}):\n    {task}  #!"


def empty(arguments: str) -> str:
    return one(f"EmptyOperator(task_id='t', {arguments})")


def bash(command: str, **settings: str) -> str:
    return one(f"BashOperator(task_id='t', bash_command={command!r})", **settings)


MISTAKES = {
    # schedules and dates
    "cron": (dag("schedule='0 25 * * *'"), "'0 25 [*] [*] [*]' is not a cron expression or preset"),
    "preset": (dag("schedule='@dayly'"), "did you mean '@daily'"),
    "no schedule": (dag("schedule=3"), "schedule=3 is none of None, a cron string"),
    "no assets": (dag("schedule=[Asset('a'), 'b']"), "must hold assets"),
    "time zone": (
        "CronTriggerTimetable('0 0 * * *', timezone='Europe/Pariss')  #!",
        "no time zone 'Europe/Pariss'",
    ),
    "start as text": (dag("start_date='2024-01-01'"), r"write datetime\(2024, 1, 1\)"),
    "a date": (dag("start_date=date(2024, 1, 1)"), "must be a datetime, not date"),
    "task's start": (empty("start_date='yesterday'"), r"write datetime\(2024, 1, 1\)"),
    "catchup from never": (dag("schedule='@daily', catchup=True"), "no start_date"),
    "timeout": (dag("dagrun_timeout=60"), r"write timedelta\(seconds=60\)"),
    # arguments
    "DAG argument": (dag("scheduel='@daily'"), "'scheduel'; did you mean 'schedule'"),
    "operator argument": (
        one("BashOperator(task_id='t', bash_comand='x')"),
        "was 'bash_comand' meant as 'bash_command'",
    ),
    "argument of all": (empty("retrys=1"), "did you mean 'retries'"),
    "retries": (empty("retries=-1"), "retries must be at least 0, not -1"),
    "retries as text": (empty("retries='three'"), "retries must be an int, not 'three'"),
    "default retries": (
        one("EmptyOperator(task_id='t')", default_args="{'retries': -1}"),
        "retries must be at least 0",
    ),
    "delay": (empty("retry_delay='5m'"), "must be a timedelta or a number of seconds"),
    "weight rule": (empty("weight_rule='downstrem'"), "did you mean 'downstream'"),
    "trigger rule": (empty("trigger_rule='all_sucess'"), "did you mean 'all_success'"),
    "pool": (empty("pool=3"), "pool must be a string"),
    "slots": (empty("pool_slots=0"), "pool_slots must be at least 1"),
    "weight": (empty("priority_weight='high'"), "priority_weight must be an int"),
    "flag": (empty("depends_on_past='no'"), "depends_on_past must be True or False"),
    "e-mail": (empty("email=3"), "email must be an address or a list"),
    "resources": (empty("resources={'cpu': 1}"), "did you mean 'cpus'"),
    "task timeout": (empty("execution_timeout=30"), r"write timedelta\(seconds=30\)"),
    "callback": (dag("on_failure_callback='tell'"), "must be a function or a list"),
    "tags": (dag("tags='a'"), r"write tags=\['a'\]"),
    "doc": (dag("doc_md=3"), "doc_md must be text"),
    "macros": (dag("user_defined_macros=['a']"), "user_defined_macros must be a dict"),
    "default_args": (dag("default_args=['a']"), "default_args must be a dict"),
    "run types": (dag("allowed_run_types=['manul']"), "did you mean 'manual'"),
    "deadline": (dag("deadline=timedelta(hours=1)"), "deadline must be a DeadlineAlert"),
    "task id": (one("EmptyOperator(task_id='my task')"), "letters, digits"),
    "group id": (one("TaskGroup('my.group')"), "letters, digits, dashes and underscores"),
    # params
    "params": (dag("params=['a']"), "params must be a dict"),
    "no JSON": (dag("params={'x': object()}"), "param 'x': a param must be JSON data"),
    "no default": (dag("schedule='@daily', params={'x': Param(type='integer')}"), "param 'x'"),
    "no schema": (
        dag("schedule='@daily', params={'x': Param(1, type='int')}"),
        "not a JSON schema",
    ),
    # the graph
    "twice": (
        "with DAG('d'):\n    EmptyOperator(task_id='t')\n    EmptyOperator(task_id='t')  #!",
        "has a task 't' already",
    ),
    "two DAGs": ("DAG('d')\na = DAG('d')\nb = DAG('d')  #!", "two DAGs with the id 'd'"),
    "circle": (
        "with DAG('d'):\n    a = EmptyOperator(task_id='a')  #!\n"
        "    b = EmptyOperator(task_id='b')\n    a >> b >> a",
        "has a cycle: a >> b >> a",
    ),
    "wired to an id": (
        "with DAG('d'):\n    a = EmptyOperator(task_id='a')\n    a >> 'b'  #!",
        "use the task itself, not its id",
    ),
    "unknown upstream": (
        "with DAG('d') as d:\n    EmptyOperator(task_id='extract')\n"
        "    d.set_dependency('extrct', 'extract')  #!",
        "no task 'extrct'; did you mean 'extract'",
    ),
    "attribute": (
        "with DAG('d'):\n    EmptyOperator(task_id='a').upstream_lst  #!",
        "did you mean 'upstream_list'",
    ),
    "import": ("from airflow.sdk import BashOperater  #!", "has no BashOperater"),
    "loop over an output": (
        "with DAG('d'):\n    list(EmptyOperator(task_id='a').output)  #!",
        "cannot be iterated over",
    ),
    "call": (
        "@task\ndef add(a, b): ...\nwith DAG('d'):\n    add(1)  #!",
        "cannot be called so: missing a required argument: 'b'",
    ),
    "mapped call": (
        "@task\ndef add(a, b): ...\nwith DAG('d'):\n    add.partial(b=1).expand(c=[1])  #!",
        "unexpected keyword argument 'c'",
    ),
    "setup": (
        "with DAG('d'):\n    s = EmptyOperator(task_id='s').as_setup()\n"
        "    s >> EmptyOperator(task_id='t', trigger_rule='all_done')  #!",
        "its trigger_rule must be all_success",
    ),
    # templates
    "template": (bash("echo {{ ds"), "template field 'bash_command': unexpected end of template"),
    "nested template": (
        one("BashOperator(task_id='t', bash_command='x', env={'A': ['{% if x %}']})"),
        "template field 'env': Unexpected end",
    ),
    "filter": (bash("echo {{ ds | uper }}"), "No filter named 'uper'.*did you mean 'upper'"),
    "template file": (bash("loud.sh"), "'loud.sh' was not found in .*did you mean 'load.sh'"),
    "command like a file": (bash("bash /opt/x.sh"), "kept as it is with a space after it"),
    "in a template file": (bash("broken.sh"), "template file 'broken.sh', line 2: "),
    "template field": (
        "class Odd(EmptyOperator):\n    template_fields = ('ownr',)\n"
        "with DAG('d'):\n    Odd(task_id='t')  #!",
        "'ownr' is a template field of Odd, .* did you mean 'owner'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_line_and_the_cure_are_named(mistake: str, tmp_path: Path) -> None:
    body, message = MISTAKES[mistake]
    source = HEAD + body + "\n"
    (path := tmp_path / "dag.py").write_text(source)
    (tmp_path / "load.sh").write_text("echo {{ ds }}\n")
    (tmp_path / "broken.sh").write_text("echo\necho {% endfor %}\n")
    line = next(number for number, text in enumerate(source.split("\n"), 1) if "#!" in text)
    with pytest.raises(Exception) as caught:
        for made in load(path, dags_folder=tmp_path).dags:
            compile_dag(made, defaults=Core())
    headline = explain(caught.value, path).split("\n")[0]
    assert headline.startswith(f"{path}:{line}: "), headline
    assert re.search(message, headline), headline


def test_what_is_right_is_left_alone(tmp_path: Path) -> None:
    (path := tmp_path / "dag.py").write_text(
        HEAD
        + "with DAG('d', user_defined_filters={'loud': str.upper}):\n"
        + "    BashOperator(task_id='a', bash_command='load.sh', env={'A': '{{ ds | loud }}'})\n"
        + "    BashOperator(task_id='b', bash_command='/opt/x.sh ')\n"
        + "    BashOperator(task_id='c', bash_command='{{ params.name }}.sh')\n"
        + "with DAG('other', jinja_environment_kwargs={'variable_start_string': '<<'}):\n"
        + "    BashOperator(task_id='a', bash_command='echo {{')\n"
    )
    (tmp_path / "load.sh").write_text("echo {{ ds }}\n")
    loaded = load(path, dags_folder=tmp_path)
    assert len([compile_dag(made, defaults=Core()) for made in loaded.dags]) == 2
