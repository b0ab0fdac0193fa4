"""What commands say."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "print_export_output": "tradewind.authoring.server_kit.commands:print_export_output",
    },
)
