"""Functions that hear of what happens."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ListenerManager": "tradewind.authoring.provider_kit.listening:ListenerManager",
        "get_listener_manager": "tradewind.authoring.provider_kit.listening:get_listener_manager",
    },
)
