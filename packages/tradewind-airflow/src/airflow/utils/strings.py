"""Texts that say yes or no, and random ones."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TRUE_LIKE_VALUES": "tradewind.authoring.provider_kit.values:TRUE_LIKE_VALUES",
        "get_random_string": "tradewind.authoring.provider_kit.values:get_random_string",
        "to_boolean": "tradewind.authoring.provider_kit.values:to_boolean",
    },
)
