"""What decorated operators' constructors."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    removed={
        "apply_defaults": "tradewind.authoring.old_names:apply_defaults",
    },
)
