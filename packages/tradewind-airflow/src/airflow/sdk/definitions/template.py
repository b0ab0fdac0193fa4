"""Texts that are no templates."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "literal": "tradewind:literal",
    },
)
