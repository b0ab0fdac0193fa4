"""What can be wired and what is resolved."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DependencyMixin": "tradewind.authoring.node:DependencyMixin",
        "ResolveMixin": "tradewind.authoring.xcom_arg:ResolveMixin",
    },
)
