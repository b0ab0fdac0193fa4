"""Functions that hear of what happens."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "hookimpl": "tradewind.authoring.provider_kit.listening:hookimpl",
    },
)
