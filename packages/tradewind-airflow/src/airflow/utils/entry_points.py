"""Entry points of installed packages."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "entry_points_with_dist": "tradewind.authoring.provider_kit.class_paths:entry_points_with_dist",
    },
)
