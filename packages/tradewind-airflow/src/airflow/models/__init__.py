"""The names of `airflow.models` that DAG files use."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseOperator": "tradewind:BaseOperator",
        "BaseOperatorLink": "tradewind:BaseOperatorLink",
        "Connection": "tradewind:Connection",
        "DAG": "tradewind:DAG",
        "DagBag": "tradewind.loading.dag_bag:DagBag",
        "DagModel": "tradewind.authoring.provider_kit.no_database:DagModel",
        "DagRun": "tradewind.authoring.run_facts:DagRun",
        "DagTag": "tradewind.authoring.provider_kit.no_database:DagTag",
        "Log": "tradewind.authoring.provider_kit.no_database:Log",
        "MappedOperator": "tradewind.authoring.mapping:MappedOperator",
        "Param": "tradewind:Param",
        "Pool": "tradewind.authoring.provider_kit.no_database:Pool",
        "RenderedTaskInstanceFields": "tradewind.authoring.provider_kit.no_database:RenderedTaskInstanceFields",
        "SkipMixin": "tradewind:SkipMixin",
        "TaskInstance": "tradewind:TaskInstance",
        "TaskReschedule": "tradewind.authoring.provider_kit.no_database:TaskReschedule",
        "Trigger": "tradewind.authoring.provider_kit.no_database:Trigger",
        "Variable": "tradewind:Variable",
        "XCom": "tradewind:BaseXCom",
    },
    removed={
        "Operator": "tradewind:BaseOperator",
        "XComArg": "tradewind:XComArg",
    },
)
