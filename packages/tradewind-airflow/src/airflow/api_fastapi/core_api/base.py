"""Bodies and answers."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseModel": "tradewind.authoring.server_kit.web:BaseModel",
        "StrictBaseModel": "tradewind.authoring.server_kit.web:StrictBaseModel",
    },
)
