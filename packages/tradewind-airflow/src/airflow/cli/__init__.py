"""Commands."""

from airflow._names import serve

__all__, __getattr__, __dir__ = serve(
    __name__,
    names={
        "cli_config": "airflow.cli.cli_config",
        "cli_parser": "airflow.cli.cli_parser",
        "simple_table": "airflow.cli.simple_table",
    },
)
