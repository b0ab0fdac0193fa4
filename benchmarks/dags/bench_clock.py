"""Each task writes down by its own clock when it ran: the outside witness of what is recorded."""

import os
import time


def timed(work, *args):
    """A callable that does `work(*args)` and appends one line about it to $BENCH_CLOCK."""

    def call(ti):
        start = time.time_ns()
        result = work(*args)
        file = os.open(os.environ["BENCH_CLOCK"], os.O_WRONLY | os.O_APPEND)
        line = f"{ti.dag_id} {ti.run_id} {ti.task_id} {os.getpid()} {start} "
        # One write: lines of different processes do not mix.
        os.write(file, f"{line}{time.time_ns()}\n".encode())
        os.close(file)
        return result

    return call


def size(usual):
    """How large a workload is: much smaller where only its working is tried."""
    return max(2, usual // int(os.environ.get("BENCH_SHRINK", "1")))


def nothing():
    return None


def fibo(n):
    return n if n <= 1 else fibo(n - 1) + fibo(n - 2)
