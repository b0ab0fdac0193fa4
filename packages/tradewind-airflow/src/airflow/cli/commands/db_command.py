"""Migrations."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "run_db_downgrade_command": "tradewind.authoring.server_kit.commands:run_db_downgrade_command",
        "run_db_migrate_command": "tradewind.authoring.server_kit.commands:run_db_migrate_command",
    },
)
