"""Values as data."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "deserialize": "tradewind.authoring.serde:deserialize",
        "serialize": "tradewind.authoring.serde:serialize",
    },
)
