"""@setup and @teardown."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "ContextWrapper": "tradewind.authoring.setup_teardown:ContextWrapper",
        "context_wrapper": "tradewind.authoring.setup_teardown:context_wrapper",
        "setup_task": "tradewind.authoring.setup_teardown:setup_task",
        "teardown_task": "tradewind.authoring.setup_teardown:teardown_task",
    },
)
