"""The scheduler process: start, wiring, signals, end."""

import gc
import logging
import os
import signal
import socket
import sys
from contextlib import ExitStack
from datetime import timedelta

from setproctitle import setproctitle

from tradewind.config.settings import Settings
from tradewind.executors.configured import configured_executor
from tradewind.model.clock import Clock, SystemClock
from tradewind.model.errors import TradewindError
from tradewind.scheduler import standby
from tradewind.scheduler.answering import Answering
from tradewind.scheduler.heartbeat import Heartbeat
from tradewind.scheduler.loop import Scheduler
from tradewind.scheduler.sources import Sources
from tradewind.scheduler.stop import Stop
from tradewind.scheduler.trouble import LeadershipLost
from tradewind.scheduler.upkeep import Kept, Upkeep
from tradewind.storage import bells, components, leader, schema
from tradewind.storage.components import Component
from tradewind.storage.database import Database
from tradewind.storage.secrets import Cipher

log = logging.getLogger(__name__)


def main(settings: Settings, *, stop_tasks: bool = False) -> int:
    """Schedule until SIGTERM or SIGINT; the exit code: 0, or 1 with one line on stderr.

    Running tasks go on and are taken over by the next scheduler, unless `stop_tasks` is set.
    """
    setproctitle("tradewind: scheduler")
    logging.basicConfig(
        level=settings.logging.logging_level,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    stop = Stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _schedule(settings, stop, stop_tasks=stop_tasks)
    except TradewindError as error:
        sys.stderr.write(f"tradewind scheduler: {error}\n")
        return 1
    return 0


def _schedule(settings: Settings, stop: Stop, *, stop_tasks: bool) -> None:
    clock = SystemClock()
    with ExitStack() as at_end:
        database = Database(settings.database.url)
        at_end.callback(database.close)
        schema.check(database)
        settings.run_folder.mkdir(parents=True, exist_ok=True)
        at_end.callback(leader.lock_beside(database).close)
        while not stop.is_set():
            try:
                _lead(settings, database, clock, stop, stop_tasks=stop_tasks)
            except LeadershipLost as lost:
                if database.dialect == "sqlite":
                    raise
                log.warning("%s; standing by", lost)


def _lead(
    settings: Settings, database: Database, clock: Clock, stop: Stop, *, stop_tasks: bool
) -> None:
    """Wait until nobody else leads, then schedule until told to stop. Raises LeadershipLost."""
    executor = configured_executor(settings)
    with ExitStack() as at_end:
        me = _who_i_am(settings, clock)
        bell = bells.listen(database, ("scheduler", "answers"), me.id, settings.run_folder)
        sources = Sources(database, bell)
        at_end.callback(sources.close)
        at_end.callback(_sign_off, database, me)
        epoch = standby.take_over(database, me, clock, stop)
        if epoch is None:
            return
        at_end.callback(_release, database, epoch)
        executor.start(epoch)
        at_end.callback(executor.stop, stop_tasks)
        scheduler = Scheduler(
            database=database,
            executor=executor,
            sources=sources,
            answering=Answering(database, Cipher(settings.core.fernet_key), clock),
            heartbeat=Heartbeat(database, me, epoch, clock),
            upkeep=Upkeep(database, epoch, clock, _kept(settings)),
            epoch=epoch,
            clock=clock,
        )
        gc.freeze()
        log.info("leading with epoch %d", epoch)
        scheduler.run(stop)


def _release(database: Database, epoch: int) -> None:
    with database.write() as connection:
        leader.release(connection, epoch)


def _sign_off(database: Database, me: Component) -> None:
    with database.write() as connection:
        components.remove(connection, me.id)


def _kept(settings: Settings) -> Kept:
    """How long old runs are kept as they are; 0 days in the settings mean for ever."""
    fold, forget = settings.scheduler.fold_events_after_days, settings.scheduler.keep_details_days
    return Kept(
        events=timedelta(days=fold) if fold else None,
        details=timedelta(days=forget) if forget else None,
    )


def _who_i_am(settings: Settings, clock: Clock) -> Component:
    hostname = settings.core.hostname or socket.gethostname()
    return Component(
        id=f"scheduler {hostname} {os.getpid()}",
        kind="scheduler",
        hostname=hostname,
        pid=os.getpid(),
        started_at=clock.now(),
    )
