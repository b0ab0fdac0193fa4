"""Kerberos tickets."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "get_kerberos_principal": "tradewind.authoring.provider_kit.kerberos:get_kerberos_principal",
        "renew_from_kt": "tradewind.authoring.provider_kit.kerberos:renew_from_kt",
    },
)
