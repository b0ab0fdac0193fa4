"""The context of a running task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "Context": "tradewind:Context",
        "context_merge": "tradewind.authoring.context:context_merge",
    },
    removed={
        "get_current_context": "tradewind:get_current_context",
    },
)
