"""Environment variables and child processes."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "execute_in_subprocess": "tradewind.authoring.provider_kit.surroundings:execute_in_subprocess",
        "execute_in_subprocess_with_kwargs": "tradewind.authoring.provider_kit.surroundings:execute_in_subprocess_with_kwargs",
        "patch_environ": "tradewind.authoring.provider_kit.surroundings:patch_environ",
        "set_component_mp_start_method": "tradewind.authoring.server_kit.executors:set_component_mp_start_method",
    },
)
