"""The menu."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ExtraMenuItem": "tradewind.authoring.server_kit.menu:ExtraMenuItem",
        "MenuItem": "tradewind.authoring.server_kit.menu:MenuItem",
    },
)
