"""What can be wired."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DAGNode": "tradewind.authoring.node:DAGNode",
        "DependencyMixin": "tradewind.authoring.node:DependencyMixin",
    },
)
