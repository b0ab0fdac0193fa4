"""Operators that skip what follows."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "SkipMixin": "tradewind:SkipMixin",
        "XCOM_SKIPMIXIN_FOLLOWED": "tradewind.authoring.skipping:XCOM_SKIPMIXIN_FOLLOWED",
        "XCOM_SKIPMIXIN_KEY": "tradewind.authoring.skipping:XCOM_SKIPMIXIN_KEY",
        "XCOM_SKIPMIXIN_SKIPPED": "tradewind.authoring.skipping:XCOM_SKIPMIXIN_SKIPPED",
    },
)
