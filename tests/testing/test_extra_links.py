"""Links of operators to pages elsewhere: told when a try has ended, kept as XComs."""

from typing import Any, ClassVar

import pytest

from tradewind import DAG, BaseOperator, BaseOperatorLink
from tradewind.authoring.compile import compile_dag
from tradewind.authoring.xcom_backend import BaseXCom
from tradewind.config.settings import Core
from tradewind.model.keys import TaskKey
from tradewind.testing.engine import run_dag


class JobLink(BaseOperatorLink):
    name = "Job"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        job = BaseXCom.get_value(ti_key=ti_key, key="job")
        return f"https://jobs/{operator.task_id}/{job}/{ti_key.try_number}"


class Nowhere(BaseOperatorLink):
    name = "Nowhere"
    xcom_key = "nowhere"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return ""


class Broken(BaseOperatorLink):
    name = "Broken"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        raise KeyError("no such page")


class Submit(BaseOperator):
    operator_extra_links = (JobLink(), Nowhere(), Broken())
    fails: ClassVar[bool] = False

    def execute(self, context: Any) -> str:
        context["ti"].xcom_push("job", 7)
        if self.fails:
            raise ValueError("no")
        return "done"


class FailingSubmit(Submit):
    fails = True


@pytest.mark.parametrize("operator", [Submit, FailingSubmit])
def test_they_are_told_however_the_try_ends(operator: type[Submit]) -> None:
    with DAG("d", schedule=None) as dag:
        operator(task_id="t")
    plan = compile_dag(dag, defaults=Core())
    assert plan.tasks[0].extra_links == (
        ("Job", "_link_JobLink"),
        ("Nowhere", "nowhere"),
        ("Broken", "_link_Broken"),
    )
    result = run_dag(dag)
    (run_id,) = {key.run_id for key in result.tasks}
    pushed = result.xcoms[TaskKey("d", run_id, "t")]
    assert pushed["_link_JobLink"] == "https://jobs/t/7/1"
    assert {"nowhere", "_link_Broken"}.isdisjoint(pushed)
    assert result.state == ("failed" if operator.fails else "success")


def test_of_a_mapped_task_each_instance_has_its_own() -> None:
    with DAG("d", schedule=None) as dag:
        Submit.partial(task_id="t").expand(doc_md=["a", "b"])
    assert compile_dag(dag, defaults=Core()).tasks[0].extra_links[0] == ("Job", "_link_JobLink")
    result = run_dag(dag)
    told = [values["_link_JobLink"] for _, values in sorted(result.xcoms.items())]
    assert told == ["https://jobs/t/7/1"] * 2
