"""What tables are declared with."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "Base": "tradewind.authoring.server_kit.tables:Base",
        "ID_LEN": "tradewind.authoring.server_kit.tables:ID_LEN",
        "StringID": "tradewind.authoring.server_kit.tables:StringID",
        "_get_schema": "tradewind.authoring.server_kit.tables:get_schema",
        "metadata": "tradewind.authoring.server_kit.tables:metadata",
        "naming_convention": "tradewind.authoring.server_kit.tables:naming_convention",
    },
)
