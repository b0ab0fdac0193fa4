"""Commands that run for long."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "run_command_with_daemon_option": "tradewind.authoring.server_kit.commands:run_command_with_daemon_option",
    },
)
