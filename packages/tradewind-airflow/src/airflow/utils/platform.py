"""The machine and its user."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "IS_WINDOWS": "tradewind.authoring.provider_kit.surroundings:IS_WINDOWS",
        "get_airflow_git_version": "tradewind.authoring.provider_kit.surroundings:get_airflow_git_version",
        "getuser": "tradewind.authoring.provider_kit.surroundings:getuser",
        "is_tty": "tradewind.authoring.provider_kit.surroundings:is_tty",
    },
)
