"""Names of Airflow."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "base": "airflow.api_fastapi.core_api.base",
        "security": "airflow.api_fastapi.core_api.security",
    },
)
