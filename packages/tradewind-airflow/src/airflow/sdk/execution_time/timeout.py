"""An exception after so many seconds."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "TimeoutPosix": "tradewind.authoring.provider_kit.time_limits:TimeoutPosix",
        "timeout": "tradewind.authoring.provider_kit.time_limits:timeout",
    },
)
