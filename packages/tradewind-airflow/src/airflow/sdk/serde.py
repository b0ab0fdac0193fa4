"""Values as data."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "SUPPORTS_OPERATOR_DESERIALIZATION_WALKER": "tradewind.authoring.provider_kit.models_in_types:SUPPORTS_OPERATOR_DESERIALIZATION_WALKER",
        "deserialize": "tradewind.authoring.serde:deserialize",
        "iter_pydantic_models": "tradewind.authoring.provider_kit.models_in_types:iter_pydantic_models",
        "serialize": "tradewind.authoring.serde:serialize",
    },
)
