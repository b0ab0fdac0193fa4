"""The names of a running task."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AIRFLOW_VAR_NAME_FORMAT_MAPPING": "tradewind.authoring.context:AIRFLOW_VAR_NAME_FORMAT_MAPPING",
        "DEFAULT_FORMAT_PREFIX": "tradewind.authoring.context:DEFAULT_FORMAT_PREFIX",
        "ENV_VAR_FORMAT_PREFIX": "tradewind.authoring.context:ENV_VAR_FORMAT_PREFIX",
        "NEVER_EXPIRE": "tradewind.authoring.state_stores:NEVER_EXPIRE",
        "context_get_outlet_events": "tradewind.authoring.provider_kit.callable_runners:context_get_outlet_events",
        "context_to_airflow_vars": "tradewind.authoring.context:context_to_airflow_vars",
        "set_current_context": "tradewind.authoring.context:activate",
    },
)
