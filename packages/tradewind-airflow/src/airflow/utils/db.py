"""What is done to the whole database."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DBLocks": "tradewind.authoring.server_kit.upkeep:DBLocks",
        "_offline_migration": "tradewind.authoring.server_kit.upkeep:offline_migration",
        "create_global_lock": "tradewind.authoring.server_kit.upkeep:create_global_lock",
        "create_session": "tradewind.authoring.provider_kit.no_database:create_session",
        "print_happy_cat": "tradewind.authoring.server_kit.upkeep:print_happy_cat",
        "provide_session": "tradewind.authoring.provider_kit.no_database:provide_session",
    },
)
