"""Sensors."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "BaseSensorOperator": "tradewind:BaseSensorOperator",
        "PokeReturnValue": "tradewind:PokeReturnValue",
        "poke_mode_only": "tradewind.authoring.sensor:poke_mode_only",
    },
)
