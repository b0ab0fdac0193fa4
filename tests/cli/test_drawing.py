"""Plans as text."""

from tradewind.cli.drawing import dot, tree
from tradewind.model.plan import GroupPlan, Plan, TaskPlan, TriggerRule

PLAN = Plan(
    dag_id="etl",
    tasks=(
        TaskPlan(task_id="extract", operator="BashOperator"),
        TaskPlan(task_id="g.left", upstream=("extract",), group_id="g", display_name="left"),
        TaskPlan(task_id="g.right", upstream=("extract",), group_id="g"),
        TaskPlan(task_id="load", upstream=("g.left", "g.right"), trigger_rule=TriggerRule.ALL_DONE),
    ),
    groups=(GroupPlan(group_id="g", display_name='the "middle"'),),
    edge_labels={"extract": {"g.left": "small"}},
)


def test_the_tree_shows_each_task_once() -> None:
    assert tree(PLAN) == (
        "etl\n"
        "└── extract (BashOperator)\n"
        "    ├── g.left (BaseOperator)\n"
        f"    │   └── load (BaseOperator, {TriggerRule.ALL_DONE})\n"
        "    └── g.right (BaseOperator)\n"
        f"        └── load (BaseOperator, {TriggerRule.ALL_DONE}) - see above\n"
    )


def test_a_long_chain_is_no_problem() -> None:
    chain = [TaskPlan(task_id="t0")]
    chain += [TaskPlan(task_id=f"t{n}", upstream=(f"t{n - 1}",)) for n in range(1, 3000)]
    assert tree(Plan(dag_id="long", tasks=tuple(chain))).count("\n") == 3001


def test_dot_has_edges_labels_and_clusters() -> None:
    text = dot(PLAN)
    assert '"extract" -> "g.left" [label="small"]' in text
    assert '"g.right" -> "load"\n' in text
    assert 'subgraph "cluster_g" {\n    label="the \\"middle\\""' in text
    assert '    "g.left" [label="left"]' in text
