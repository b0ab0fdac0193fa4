"""What is wanted of a file."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "_airflow_parsing_context_manager": "tradewind.authoring.parsing_context:parsing_context",
    },
)
