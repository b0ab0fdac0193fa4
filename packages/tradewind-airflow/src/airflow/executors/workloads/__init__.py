"""What executors run."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "All": "tradewind.authoring.server_kit.workloads:All",
        "BaseWorkload": "tradewind.authoring.server_kit.workloads:BaseWorkload",
        "BundleInfo": "tradewind.authoring.server_kit.workloads:BundleInfo",
        "CallbackFetchMethod": "tradewind.authoring.server_kit.workloads:CallbackFetchMethod",
        "ExecuteCallback": "tradewind.authoring.server_kit.workloads:ExecuteCallback",
        "ExecuteTask": "tradewind.authoring.server_kit.workloads:ExecuteTask",
        "ExecutorWorkload": "tradewind.authoring.server_kit.workloads:ExecutorWorkload",
        "RunTrigger": "tradewind.authoring.server_kit.workloads:RunTrigger",
        "TaskInstance": "tradewind.authoring.server_kit.workloads:TaskInstanceDTO",
        "TaskInstanceDTO": "tradewind.authoring.server_kit.workloads:TaskInstanceDTO",
        "TestConnection": "tradewind.authoring.server_kit.workloads:TestConnection",
    },
)
