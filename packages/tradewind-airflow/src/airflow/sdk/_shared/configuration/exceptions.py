"""What is wrong with an option."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowConfigException": "tradewind.authoring.errors:AirflowConfigException",
    },
)
