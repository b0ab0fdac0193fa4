"""The commands `tradewind` and `airflow`: the tree of commands, and what becomes of errors.

Imports nothing heavy: `tradewind --help` and `tradewind version` answer at once.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from tradewind.cli import failures, legacy
from tradewind.cli.lazy import Lazy, LazyGroup
from tradewind.model.errors import EnvironmentFailure, UserError
from tradewind.model.version import VERSION

_HERE = "tradewind.cli.commands"

TABLE = {
    "api-server": Lazy(f"{_HERE}.api_server:api_server", "Start the API server."),
    "assets": Lazy(f"{_HERE}.assets:assets", "Look at assets."),
    "backfill": Lazy(f"{_HERE}.backfill:backfill", "Run a DAG for a stretch of the past."),
    "config": Lazy(f"{_HERE}.config:config", "Show the configuration."),
    "connections": Lazy(f"{_HERE}.connections:connections", "Manage connections."),
    "dag-processor": Lazy(f"{_HERE}.dag_processor:dag_processor", "Start the DAG processor."),
    "triggerer": Lazy(f"{_HERE}.triggerer:triggerer", "Start a triggerer."),
    "dags": Lazy(f"{_HERE}.dags:dags", "Show, test, trigger and pause DAGs."),
    "db": Lazy(f"{_HERE}.db:db", "Create, upgrade and check the database."),
    "plan": Lazy(f"{_HERE}.plan:plan", "Show what will run, and when, before it does."),
    "pools": Lazy(f"{_HERE}.pools:pools", "Manage pools."),
    "providers": Lazy(f"{_HERE}.providers:providers", "Install and check provider packages."),
    "scheduler": Lazy(f"{_HERE}.scheduler:scheduler", "Start the scheduler."),
    "standalone": Lazy(f"{_HERE}.standalone:standalone", "Run everything with one command."),
    "tasks": Lazy(f"{_HERE}.tasks:tasks", "Show, test and clear tasks, and read their logs."),
    "variables": Lazy(f"{_HERE}.variables:variables", "Manage variables."),
    "version": Lazy(f"{_HERE}.version:version", "Show the version."),
}


class Root(LazyGroup):
    """The tree's root. It turns every error into a message and an exit code."""

    def hint(self, ctx: click.Context, name: str) -> str:
        today = legacy.todays_name(name)
        return f" Today it is `{ctx.info_name} {today}`." if today else super().hint(ctx, name)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run and exit: 0 done, 1 failed, 2 wrong usage."""
        if os.environ.get("NO_COLOR"):
            extra.setdefault("color", False)
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(
                arguments,
                prog_name=prog_name,
                complete_var=complete_var,
                standalone_mode=False,
                **extra,
            )
            sys.stdout.flush()
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            failures.say("Stopped.")
            sys.exit(1)
        except (UserError, EnvironmentFailure) as error:
            failures.say_error(error)
            sys.exit(1)
        except BrokenPipeError:
            failures.close_stdout()
            sys.exit(1)
        except Exception as error:
            failures.report_bug(error, arguments)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


@click.command(
    cls=Root,
    table=TABLE,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, message="Tradewind %(version)s", help="Show the version and exit.")
def cli() -> None:
    """Tradewind runs, schedules and watches the pipelines you write as DAGs.

    \b
    standalone                         run everything; new DAG files are found by themselves
    dags test DAG_ID                   try a DAG in this terminal, without a server
    dags unpause DAG_ID                let a DAG run by its schedule
    dags trigger DAG_ID                make a run of it now
    backfill -s START -e END DAG_ID    run it for the past
    """


def main() -> None:
    """The command `tradewind`."""
    cli.main(prog_name="tradewind")


def airflow_main() -> None:
    """The command `airflow`: the same program, which also knows the verbs of 1.10 and 2.x."""
    try:
        arguments, notes = legacy.translate(sys.argv[1:])
    except UserError as error:
        failures.say_error(error)
        sys.exit(2)
    for note in notes:
        failures.say(note)
    cli.main(arguments, prog_name="airflow")
