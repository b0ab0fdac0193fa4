"""Which callback."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "CallbackKey": "tradewind.authoring.server_kit.workloads:CallbackKey",
    },
)
