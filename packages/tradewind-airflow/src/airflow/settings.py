"""Where things are."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AIRFLOW_HOME": "tradewind.authoring.provider_kit.process_settings:AIRFLOW_HOME",
        "AsyncSession": "tradewind.authoring.provider_kit.process_settings:AsyncSession",
        "DAEMON_UMASK": "tradewind.authoring.provider_kit.process_settings:DAEMON_UMASK",
        "DAGS_FOLDER": "tradewind.authoring.provider_kit.process_settings:DAGS_FOLDER",
        "HEADER": "tradewind.authoring.provider_kit.process_settings:HEADER",
        "NonScopedSession": "tradewind.authoring.provider_kit.process_settings:NonScopedSession",
        "PLUGINS_FOLDER": "tradewind.authoring.provider_kit.process_settings:PLUGINS_FOLDER",
        "SQL_ALCHEMY_CONN": "tradewind.authoring.provider_kit.process_settings:SQL_ALCHEMY_CONN",
        "Session": "tradewind.authoring.provider_kit.process_settings:Session",
        "TIMEZONE": "tradewind.authoring.provider_kit.process_settings:TIMEZONE",
        "async_engine": "tradewind.authoring.provider_kit.process_settings:async_engine",
        "configure_orm": "tradewind.authoring.provider_kit.process_settings:configure_orm",
        "dag_policy": "tradewind.authoring.provider_kit.process_settings:dag_policy",
        "engine": "tradewind.authoring.provider_kit.process_settings:engine",
        "json": "json",
        "pod_mutation_hook": "tradewind.authoring.provider_kit.process_settings:pod_mutation_hook",
        "prepare_engine_args": "tradewind.authoring.provider_kit.process_settings:prepare_engine_args",
        "reconfigure_orm": "tradewind.authoring.provider_kit.process_settings:reconfigure_orm",
        "task_policy": "tradewind.authoring.provider_kit.process_settings:task_policy",
    },
)
