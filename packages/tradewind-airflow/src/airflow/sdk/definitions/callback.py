"""Callbacks by path."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AsyncCallback": "tradewind:AsyncCallback",
        "Callback": "tradewind.authoring.deferred_callbacks:Callback",
        "SyncCallback": "tradewind:SyncCallback",
    },
)
