"""Hashes that guard nothing."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "md5": "tradewind.authoring.provider_kit.digests:md5",
    },
)
