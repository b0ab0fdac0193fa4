"""The dag-processor process: start, wiring, signals, end."""

import logging
import signal
import sys
from contextlib import ExitStack, closing

from setproctitle import setproctitle

from tradewind.config.settings import Settings
from tradewind.dag_processor.processor import DagProcessor
from tradewind.dag_processor.stop import StopFlag
from tradewind.model.errors import TradewindError
from tradewind.storage import schema
from tradewind.storage.database import Database

__all__ = ["DagProcessor", "main"]


def main(settings: Settings) -> int:
    """Read DAG files until SIGTERM or SIGINT; the exit code: 0, or 1 with one line on stderr."""
    setproctitle("tradewind: dag-processor")
    logging.basicConfig(
        level=settings.logging.logging_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("watchfiles").setLevel(logging.WARNING)
    stop = StopFlag()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with ExitStack() as at_end:
            database = at_end.enter_context(closing(Database(settings.database.url)))
            schema.check(database)
            DagProcessor(settings, database).run(stop)
    except TradewindError as error:
        sys.stderr.write(f"tradewind dag-processor: {error}\n")
        return 1
    return 0
