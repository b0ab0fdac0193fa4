"""How `standalone` starts its components the first time: as forks of one process, the starter,
that has imported what they share.

What is imported before a fork is in memory once. The starter goes away as soon as its children
run; they are then children of `standalone`, which never imports any of it and stays small.
"""

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import setproctitle

from tradewind.cli.component import Component, Gate, be_killed_with
from tradewind.config.settings import Settings
from tradewind.model import errors
from tradewind.model.errors import TradewindError

_PR_SET_CHILD_SUBREAPER = 36


@dataclass
class Started:
    """What the starter reports: whom it started, and what `prepare` had to say."""

    pids: list[int]
    """Of the components, in their order."""
    prepared: Any


class Starter:
    """A child process that prepares everything and forks the components.

    `prepare` is a `module:function` that takes the settings and returns JSON data. It runs while
    the first component, the one that takes longest, imports; importing its module brings what all
    share. No component's target runs before it is done. The caller must have one thread only.
    """

    def __init__(self, parts: Sequence[Component], prepare: str, settings: Settings) -> None:
        self._parts = parts
        self._prepare = prepare
        self._settings = settings
        self._caller = os.getpid()
        _adopt_orphans(True)
        sys.stdout.flush()
        sys.stderr.flush()
        self.report, write_end = os.pipe2(os.O_CLOEXEC)
        """Readable when `finish` need not wait."""
        self._pid = os.fork()
        if self._pid == 0:
            self._be_the_starter(write_end)
        os.close(write_end)

    def kill(self) -> None:
        """Have it end now; `finish` says how far it came."""
        os.kill(self._pid, signal.SIGKILL)

    def finish(self) -> Started | None:
        """Wait until it is gone; None if it failed and has said so.

        Raises the TradewindError that `prepare` raised.
        """
        with os.fdopen(self.report, "rb") as pipe:
            text = pipe.read()
        os.waitpid(self._pid, 0)
        _adopt_orphans(False)
        if not text:
            return None
        report = json.loads(text)
        if "error" in report:
            raise getattr(errors, report["error"])(report["message"])
        return Started(report["pids"], report["prepared"])

    # --- in the starter -------------------------------------------------------------------

    def _be_the_starter(self, report: int) -> NoReturn:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)  # for our caller, who ends us in order
            be_killed_with(self._caller)
            setproctitle.setproctitle("tradewind: starter")
            self._start(report)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)

    def _start(self, report: int) -> None:
        gate = Gate()
        first, *others = self._parts
        prepare = _named(self._prepare)
        pids = [self._fork(first, gate, report)]
        try:
            prepared = prepare(self._settings)
        except TradewindError as error:
            _tell(report, {"error": type(error).__name__, "message": str(error)})
            return
        for part in others:
            _named(part.target)
        gc.collect()
        pids += [self._fork(part, gate, report) for part in others]
        _tell(report, {"pids": pids, "prepared": prepared})
        gate.open(len(pids))

    def _fork(self, part: Component, gate: Gate, report: int) -> int:
        others = (other for other in self._parts if other is not part)
        return part.fork(self._caller, gate, [report, *(end for one in others for end in one.pipe)])


def _named(target: str) -> Any:
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


def _tell(report: int, data: dict[str, Any]) -> None:
    with os.fdopen(report, "wb") as pipe:
        pipe.write(json.dumps(data).encode())


def _adopt_orphans(wanted: bool) -> None:
    """Whether the children of a child that ends become ours."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
