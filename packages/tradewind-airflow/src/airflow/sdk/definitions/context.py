"""The context of a running task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowParsingContext": "tradewind.authoring.parsing_context:AirflowParsingContext",
        "Context": "tradewind:Context",
        "KNOWN_CONTEXT_KEYS": "tradewind.authoring.callables:CONTEXT_KEYS",
        "context_merge": "tradewind.authoring.context:context_merge",
        "get_current_context": "tradewind:get_current_context",
        "get_parsing_context": "tradewind:get_parsing_context",
    },
)
