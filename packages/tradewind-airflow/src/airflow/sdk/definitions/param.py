"""Param, ParamsDict, DagParam."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "DagParam": "tradewind.authoring.params:DagParam",
        "Param": "tradewind:Param",
        "ParamsDict": "tradewind:ParamsDict",
    },
)
