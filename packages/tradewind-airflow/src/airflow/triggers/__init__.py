"""What deferred tasks wait in."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "base": "airflow.triggers.base",
        "shared_stream": "airflow.triggers.shared_stream",
    },
)
