"""What commands are made of."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "action_cli": "tradewind.authoring.server_kit.commands:action_cli",
        "get_bagged_dag": "tradewind.authoring.server_kit.commands:get_bagged_dag",
        "setup_locations": "tradewind.authoring.server_kit.commands:setup_locations",
        "suppress_logs_and_warning": "tradewind.authoring.server_kit.commands:suppress_logs_and_warning",
    },
)
