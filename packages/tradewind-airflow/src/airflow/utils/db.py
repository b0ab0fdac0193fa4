"""What 2.x had of sessions here."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "create_session": "tradewind.authoring.provider_kit.no_database:create_session",
        "provide_session": "tradewind.authoring.provider_kit.no_database:provide_session",
    },
)
