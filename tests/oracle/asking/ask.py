"""Asks the Airflow that runs this, 2.11.2 or 3.3.2: standard input has the files, output the answers.

Knows nothing of Tradewind. Dates are frozen; the scheduler's part is played by a loop that asks for
the next run, waits for it, and makes it.
"""

import json
import sys
import warnings
from datetime import UTC, datetime, timedelta

import time_machine
from words import text

import airflow

if airflow.__version__.startswith("2."):
    from airflow_2 import Airflow
else:
    from airflow_3 import Airflow


def run_of(info, run_id, templates):
    interval = info.data_interval
    return {
        "run_id": run_id,
        "logical_date": text(info.logical_date),
        "start": text(interval.start) if interval else None,
        "end": text(interval.end) if interval else None,
        "run_after": text(info.run_after),
        "shown": templates,
    }


def ask(case):
    now = datetime.fromisoformat(case["now"])
    with time_machine.travel(now, tick=False) as traveller:
        airflow_ = Airflow(case["path"])
        runs, last = [], None
        while len(runs) < case["runs"]:
            info = airflow_.next(last)
            if info is None:
                break
            now = max(now, info.run_after.astimezone(UTC))
            traveller.move_to(now)
            made = airflow_.make(info)
            runs.append(run_of(info, made["run_id"], made["shown"]))
            last = info
        traveller.move_to(now + timedelta(minutes=7, seconds=13))
        manual = airflow_.trigger()
        begin = datetime.fromisoformat(case["now"]) - timedelta(days=2, hours=1)
        between = []
        if airflow_.dag.timetable.periodic:
            between = airflow_.between(begin, begin + timedelta(days=2))
    return {
        "timetable": type(airflow_.dag.timetable).__name__,
        "catchup": airflow_.dag.catchup,
        "runs": runs,
        "manual": manual,
        "backfill": [text(info.logical_date) for info in between],
    }


def main():
    warnings.simplefilter("ignore")
    answers = {}
    for case in json.load(sys.stdin):
        try:
            answers[case["name"]] = ask(case)
        except Exception as error:
            if "--debug" in sys.argv:
                raise
            answers[case["name"]] = {"error": f"{type(error).__name__}: {error}"}
    with open(sys.argv[1], "w") as file:
        json.dump(answers, file)


main()
