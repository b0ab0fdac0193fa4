"""The verdicts themselves: nobody else's fault is called ours, and none of ours somebody else's."""

import pytest

from tests.example_table.verdict import Outcome, judge
from tradewind.model.parsed import ParsedFile
from tradewind.model.plan import Plan, TaskPlan


def parsed(error: str | None = None, source: str = "", plans: tuple[Plan, ...] = ()) -> ParsedFile:
    return ParsedFile(
        fileloc="/examples/a.py",
        relative_fileloc="a.py",
        error=error,
        source_code=source,
        plans=plans,
    )


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        ("there is no module airflow.providers.apache.hive.operators.hive", Outcome.PROVIDER),
        ("[kubernetes] is of apache-airflow-providers-cncf-kubernetes, not here", Outcome.PROVIDER),
        ("there is no module airflow.providers.standard.operators.odd", Outcome.OURS),
        ("there is no module airflow.sensors in this version of Tradewind", Outcome.OURS),
        ("No module named 'pytz': install it in Tradewind's environment", Outcome.MODULE),
        ("NameError: name 'x' is not defined", Outcome.OURS),
    ],
)
def test_who_is_to_blame(message: str, outcome: Outcome) -> None:
    verdict = judge(parsed(f"/examples/a.py:3: {message}\n\nTraceback"))
    assert verdict.outcome is outcome
    if outcome is Outcome.PROVIDER:
        assert verdict.reason in ("apache-hive", "cncf-kubernetes")
    else:
        assert verdict.reason == f"a.py:3: {message}"


@pytest.mark.parametrize(
    ("source", "outcome", "reason"),
    [
        ("# with DAG('x'):\n", Outcome.NO_DAG, "commented out"),
        ("def make():\n    return DAG('x')\n", Outcome.NO_DAG, "helper"),
        ("import shutil\nif shutil.which('no-such'):\n    DAG('x')\n", Outcome.NO_DAG, "no-such"),
        (
            "try:\n    import nobody_has_this\n    DAG('x')\nexcept ImportError: pass\n",
            Outcome.NO_DAG,
            "nobody_has_this",
        ),
        (
            "try:\n    import airflow.nobody\n    DAG('x')\nexcept ImportError: pass\n",
            Outcome.OURS,
            "airflow.nobody",
        ),
        ("DAG('x', auto_register=False)\n", Outcome.OURS, "should"),
    ],
)
def test_why_there_is_no_dag(source: str, outcome: Outcome, reason: str) -> None:
    verdict = judge(parsed(source=source))
    assert verdict.outcome is outcome
    assert reason in verdict.reason


def test_what_cannot_run_yet_is_said() -> None:
    plan = Plan(dag_id="x", tasks=(TaskPlan(task_id="t", unsupported=("branching",)),))
    verdict = judge(parsed(plans=(plan,)))
    assert (verdict.outcome, verdict.dag_ids) == (Outcome.LOADS, ("x",))
    assert verdict.refused == ("branching",)
