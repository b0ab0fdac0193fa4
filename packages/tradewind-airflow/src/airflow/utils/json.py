"""JSON that keeps what JSON lacks."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "XComDecoder": "tradewind.authoring.provider_kit.xcom_json:XComDecoder",
        "XComEncoder": "tradewind.authoring.provider_kit.xcom_json:XComEncoder",
    },
)
