"""What operators need of the context."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    deprecated={
        "AIRFLOW_VAR_NAME_FORMAT_MAPPING": "tradewind.authoring.context:AIRFLOW_VAR_NAME_FORMAT_MAPPING",
        "KeywordParameters": "tradewind.authoring.callables:KeywordParameters",
        "context_to_airflow_vars": "tradewind.authoring.context:context_to_airflow_vars",
        "determine_kwargs": "tradewind.authoring.callables:determine_kwargs",
        "make_kwargs_callable": "tradewind.authoring.callables:make_kwargs_callable",
    },
)
