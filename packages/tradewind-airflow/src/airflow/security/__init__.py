"""Kerberos, and what roles may do."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "kerberos": "airflow.security.kerberos",
        "permissions": "airflow.security.permissions",
        "utils": "airflow.security.utils",
    },
)
