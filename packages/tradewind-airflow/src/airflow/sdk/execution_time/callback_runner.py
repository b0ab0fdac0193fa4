"""How a function is called that speaks of assets."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "create_async_executable_runner": "tradewind.authoring.provider_kit.callable_runners:create_async_executable_runner",
        "create_executable_runner": "tradewind.authoring.provider_kit.callable_runners:create_executable_runner",
    },
)
