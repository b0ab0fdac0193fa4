"""Database sessions, which user code does not get."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "NEW_SESSION": "tradewind.authoring.provider_kit.no_database:NEW_SESSION",
        "create_session": "tradewind.authoring.provider_kit.no_database:create_session",
        "provide_session": "tradewind.authoring.provider_kit.no_database:provide_session",
    },
)
