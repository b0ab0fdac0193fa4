"""A route's session."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "SessionDep": "tradewind.authoring.server_kit.web:SessionDep",
    },
)
