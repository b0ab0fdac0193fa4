"""Runs DAG files with the Airflow that runs this and says what became of every task.

Standard input has jobs: files in their editions, and the story of what is done with each.
Knows nothing of Tradewind. The decisions are Airflow's: `SchedulerJobRunner` looks at each run
until nothing changes; then the one task that is next runs, in this process.
"""

import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from datetime import UTC, datetime

from sqlalchemy import event
from sqlalchemy.engine import Engine

import airflow

if airflow.__version__.startswith("2."):
    from outcomes_2 import Airflow, dag_ids
else:
    from outcomes_3 import Airflow, dag_ids

ROUNDS = 400
"""A story that takes more tasks or looks than this has gone wrong."""


@event.listens_for(Engine, "connect")
def do_not_sync(connection, record):
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def place(seed, key):
    run_id, task_id, map_index, try_number = key
    name = f"{seed}/{run_id}/{task_id}/{map_index}/{try_number}"
    return hashlib.sha256(name.encode()).hexdigest()


def settle(airflow_):
    """Let the scheduler look until it has nothing more to do."""
    before = None
    for _ in range(ROUNDS):
        airflow_.look()
        after = airflow_.states()
        if after == before:
            return
        before = after
    raise AssertionError("the scheduler does not come to rest")


def go(airflow_, seed, count):
    for _ in range(count):
        settle(airflow_)
        while not (ready := airflow_.ready()):
            if not airflow_.skip():
                return
            settle(airflow_)
        chosen = min(ready, key=lambda key: place(seed, key))
        random.seed(f"{chosen[1]}/{chosen[2]}")
        airflow_.execute(chosen)
    settle(airflow_)


def play(job):
    airflow_ = Airflow(job["dag_id"], job["files"][0])
    under_way = []
    for step, *how in job["story"]:
        if step == "run":
            run_id, date = how
            airflow_.make(run_id, datetime.fromisoformat(date).replace(tzinfo=UTC))
        elif step == "go":
            go(airflow_, job["seed"], how[0])
        elif step == "finish":
            go(airflow_, job["seed"], ROUNDS)
        elif step == "clear":
            settle(airflow_)
            under_way.append(airflow_.run_states()[how[0]])
            airflow_.clear(*how)
        elif step == "file":
            settle(airflow_)
            under_way.append(max(airflow_.run_states().values()))
            airflow_.load(job["files"][1])
    return {"under way": under_way, "runs": airflow_.result()}


class TooLong(BaseException):
    """Raised in whatever a job is doing when its time is over."""


def answer_to(job):
    """What became of it; of each DAG of its file if it names none."""
    if "dag_id" in job:
        return play(job)
    return {dag_id: limited(job | {"dag_id": dag_id}) for dag_id in dag_ids(job["files"][0])}


def limited(job):
    """The same, but an error where it goes wrong or takes longer than it may."""
    over = []

    def ring(*_):
        over.append(True)
        raise TooLong

    # not SIGALRM: Airflow's own time limits take that away
    signal.signal(signal.SIGUSR1, ring)
    watch = threading.Timer(job.get("at_most_s", 600), os.kill, args=(os.getpid(), signal.SIGUSR1))
    watch.daemon = True
    if "dag_id" in job:
        watch.start()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            answer = answer_to(job)
    except (Exception, TooLong) as error:
        if "--debug" in sys.argv:
            raise
        traceback.print_exc()
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    finally:
        watch.cancel()
    return {"error": "takes too long"} if over else answer


def main():
    warnings.simplefilter("ignore")
    until = time.monotonic() + float(sys.argv[2])
    with open(sys.argv[1], "w") as file:
        for line in sys.stdin:
            if time.monotonic() > until:
                break
            job = json.loads(line)
            answer = limited(job)
            file.write(json.dumps([job["name"], answer], sort_keys=True, default=str) + "\n")
            file.flush()


if __name__ == "__main__":
    main()
    os._exit(0)
