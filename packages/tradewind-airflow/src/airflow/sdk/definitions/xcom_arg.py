"""XComArg."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ConcatXComArg": "tradewind.authoring.xcom_arg:ConcatXComArg",
        "MapXComArg": "tradewind.authoring.xcom_arg:MapXComArg",
        "PlainXComArg": "tradewind.authoring.xcom_arg:PlainXComArg",
        "XComArg": "tradewind:XComArg",
        "ZipXComArg": "tradewind.authoring.xcom_arg:ZipXComArg",
    },
)
