"""NOTSET."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ArgNotSet": "tradewind.authoring.notset:ArgNotSet",
        "NOTSET": "tradewind.authoring.notset:NOTSET",
        "SET_DURING_EXECUTION": "tradewind.authoring.notset:SET_DURING_EXECUTION",
        "SetDuringExecution": "tradewind.authoring.notset:SetDuringExecution",
        "is_arg_set": "tradewind.authoring.notset:is_arg_set",
    },
)
