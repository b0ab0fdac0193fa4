"""The process of a triggerer in which triggers run, all on one event loop:
`python -m tradewind.runtime.trigger_process SETTINGS PARENT`, with its socket as descriptor 3.
"""

import asyncio
import contextlib
import itertools
import logging
import socket
import sys
import threading
import time
import traceback
from typing import Any

from tradewind.authoring import configuration, dag_file, host
from tradewind.authoring.provider_kit import secret_masking
from tradewind.config.children import from_json
from tradewind.config.settings import Settings
from tradewind.model.events import XComPushed
from tradewind.model.requests import Request
from tradewind.runtime.channel import Channel
from tradewind.runtime.client import RequestRefused, secrets_of
from tradewind.runtime.launch import CONTROL, close_all_above
from tradewind.runtime.logs import take_over_output
from tradewind.runtime.parent_death import die_with_parent
from tradewind.runtime.process_name import set_process_name
from tradewind.runtime.protocol import (
    Answer,
    CancelTrigger,
    Message,
    Question,
    RunTrigger,
    pack_request,
)
from tradewind.runtime.trigger_runner import TriggerLog, TriggerRunner

log = logging.getLogger("trigger")

LOOK_EVERY_S = 0.25


class Link:
    """The socket to the triggerer: a thread reads it, so that a trigger that asks something and
    waits for the answer, as hooks do, gets it while the event loop stands still."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._waiting: dict[int, tuple[threading.Event, list[Answer]]] = {}

    def say(self, message: Message) -> None:
        with self._lock:
            self._channel.send(message)

    def listen(self, loop: asyncio.AbstractEventLoop, runner: TriggerRunner) -> None:
        """Hand over what is ordered until the triggerer is gone."""
        with contextlib.suppress(OSError):
            while (message := self._channel.receive()) is not None:
                match message:
                    case RunTrigger():
                        loop.call_soon_threadsafe(runner.run, message)
                    case CancelTrigger():
                        loop.call_soon_threadsafe(runner.cancel, message)
                    case Answer(request_id=number) if number in self._waiting:
                        done, answers = self._waiting.pop(number)
                        answers.append(message)
                        done.set()
        loop.call_soon_threadsafe(loop.stop)

    def ask(self, request: Request) -> Answer:
        """Wait for the answer, in whatever thread."""
        number = next(self._ids)
        done, answers = self._waiting[number] = (threading.Event(), [])
        self.say(Question("", number, pack_request(request)))
        done.wait()
        return answers[0]


class TriggerHost:
    """Answers what triggers ask: Variables, Connections, states of runs."""

    def __init__(self, link: Link, trigger_log: TriggerLog) -> None:
        self._link = link
        self._log = trigger_log

    def ask(self, request: Request) -> Any:
        answer = self._link.ask(request)
        if answer.error is not None:
            raise RequestRefused(answer.error)
        self._log.mask(secrets_of(request, answer.data))
        return answer.data

    def push_xcom(self, key: str, value: Any) -> None:
        raise RequestRefused(f"a trigger has no try that could push {XComPushed.__name__} {key!r}")


def watch(loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
    """Say which trigger holds up all others, and where; in a thread of its own."""
    main = threading.main_thread().ident
    while True:
        time.sleep(LOOK_EVERY_S)
        answered = threading.Event()
        asked_at = time.monotonic()
        loop.call_soon_threadsafe(answered.set)
        if answered.wait(limit_s):
            continue
        culprit = asyncio.current_task(loop)
        frame = sys._current_frames().get(main or 0)
        where = "".join(traceback.format_stack(frame, limit=5)) if frame is not None else ""
        answered.wait()
        log.warning(
            "All triggers waited for %.2f s, because %s blocked the event loop, for instance at\n%s",
            time.monotonic() - asked_at,
            "something" if culprit is None else culprit.get_name(),
            where.rstrip(),
        )


def serve(settings: Settings, channel: Channel, trigger_log: TriggerLog) -> None:
    """Run what is ordered until the triggerer closes the socket."""
    loop = asyncio.new_event_loop()
    link = Link(channel)
    host.set_host(TriggerHost(link, trigger_log))
    runner = TriggerRunner(link.say, settings.triggerer.on_kill_timeout)
    limit_s = settings.triggerer.blocked_main_thread_warning_threshold
    threading.Thread(target=link.listen, args=(loop, runner), daemon=True).start()
    threading.Thread(target=watch, args=(loop, limit_s), daemon=True).start()
    asyncio.set_event_loop(loop)
    loop.run_forever()
    runner.close(loop)


def main() -> None:
    """Be the process of a triggerer's triggers."""
    settings = from_json(sys.argv[1])
    die_with_parent(int(sys.argv[2]))
    close_all_above(CONTROL)
    set_process_name("triggers")
    sys.argv[:] = ["tradewind"]
    configuration.use(settings)
    trigger_log = TriggerLog()
    secret_masking.use(trigger_log.mask)
    take_over_output(settings.logging.logging_level, trigger_log)
    core = settings.core
    dag_file.put_on_path([core.dags_folder, core.plugins_folder, settings.home / "config"])
    control = socket.socket(fileno=CONTROL)
    control.set_inheritable(False)
    serve(settings, Channel(control), trigger_log)


if __name__ == "__main__":
    main()
