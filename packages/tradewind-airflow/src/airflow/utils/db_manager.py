"""Migrations of a package's own tables."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseDBManager": "tradewind.authoring.server_kit.upkeep:BaseDBManager",
        "_callable_accepts_use_migration_files": "tradewind.authoring.server_kit.upkeep:callable_accepts_use_migration_files",
    },
)
