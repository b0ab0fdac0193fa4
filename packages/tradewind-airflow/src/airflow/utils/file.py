"""DAG files."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "correct_maybe_zipped": "tradewind.authoring.provider_kit.dag_file_names:correct_maybe_zipped",
        "get_unique_dag_module_name": "tradewind.authoring.provider_kit.dag_file_names:get_unique_dag_module_name",
        "open_maybe_zipped": "tradewind.authoring.provider_kit.dag_file_names:open_maybe_zipped",
    },
)
