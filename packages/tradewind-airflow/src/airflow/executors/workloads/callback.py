"""Callbacks."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "CallbackDTO": "tradewind.authoring.server_kit.workloads:CallbackDTO",
        "CallbackFetchMethod": "tradewind.authoring.server_kit.workloads:CallbackFetchMethod",
        "ExecuteCallback": "tradewind.authoring.server_kit.workloads:ExecuteCallback",
    },
)
