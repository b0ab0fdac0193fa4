"""The key of a return value."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "XCOM_RETURN_KEY": "tradewind.authoring.xcom_arg:XCOM_RETURN_KEY",
        "XComModel": "tradewind.authoring.provider_kit.no_database:XComModel",
    },
    deprecated={
        "BaseXCom": "tradewind:BaseXCom",
    },
)
