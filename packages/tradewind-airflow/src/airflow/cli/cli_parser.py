"""Commands as parsers."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "AirflowHelpFormatter": "tradewind.authoring.server_kit.command_line:AirflowHelpFormatter",
        "DefaultHelpParser": "tradewind.authoring.server_kit.command_line:DefaultHelpParser",
        "_add_command": "tradewind.authoring.server_kit.command_line:add_command",
    },
)
