"""A first DAG: two tasks that hand a value on, one shell command."""

from datetime import datetime

from tradewind import chain, dag, task
from tradewind.integrations.standard import BashOperator


@dag(schedule="@daily", start_date=datetime(2026, 1, 1), catchup=False, tags=["example"])
def hello():
    @task
    def greet() -> str:
        return "hello"

    @task
    def shout(word: str) -> str:
        print(word.upper())
        return word.upper()

    chain(
        shout(greet()),
        BashOperator(
            task_id="in_a_shell",
            bash_command="echo '{{ ti.xcom_pull('shout') }} from {{ run_id }}'",
        ),
    )


hello()
