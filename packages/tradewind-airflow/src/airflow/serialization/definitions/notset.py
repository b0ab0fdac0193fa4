"""The value of an argument that was not given."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ArgNotSet": "tradewind.authoring.notset:ArgNotSet",
        "NOTSET": "tradewind.authoring.notset:NOTSET",
        "is_arg_set": "tradewind.authoring.notset:is_arg_set",
    },
)
