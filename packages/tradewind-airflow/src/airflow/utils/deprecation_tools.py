"""Modules whose names have moved."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DeprecatedImportWarning": "tradewind.authoring.provider_kit.old_classes:DeprecatedImportWarning",
        "add_deprecated_classes": "tradewind.authoring.provider_kit.old_classes:add_deprecated_classes",
        "getattr_with_deprecation": "tradewind.authoring.provider_kit.old_classes:getattr_with_deprecation",
    },
)
