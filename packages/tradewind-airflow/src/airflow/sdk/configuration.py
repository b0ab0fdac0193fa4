"""`conf`, as tasks see it."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowSDKConfigParser": "tradewind.authoring.configuration:Configuration",
        "Configuration": "tradewind.authoring.configuration:Configuration",
        "conf": "tradewind:conf",
    },
)
