"""The workloads: what is run, how often, how long at most."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    """One group of rows of the table."""

    name: str
    title: str
    how: str = "triggered"
    """Which function of `measure` does it."""
    file: str = ""
    tasks: int = 1
    """Tasks of one repetition."""
    at_once: int = 1
    """Runs of one repetition, triggered together."""
    runs: int = 5
    """Repetitions that count."""
    warmups: int = 1
    """Repetitions before them."""
    cutoff_s: float = 120.0
    """A repetition that takes longer is cut off, and none begins when this has gone by."""
    is_chain: bool = False
    has_marks: bool = True
    """Whether its tasks write down when they ran."""
    against_runs: int = 0
    """Repetitions on another engine; 0 for not at all. Its warm-up is one run of one task."""
    against_cutoff_s: float = 60.0
    is_for_reuse: bool = True
    """Whether the isolation makes a difference."""
    quiet_s: float = 0.0
    """How long nothing happens before memory is weighed."""
    tiny_tasks: int = 1
    """Tasks of one repetition when only its working is tried: `size` in `bench_clock.py`."""

    @property
    def dag_id(self) -> str:
        return self.file.removesuffix(".py")

    @property
    def runs_one_at_a_time(self) -> bool:
        """Whether its tasks have the machine to themselves."""
        return self.is_chain or self.how == "latency"


WORKLOADS = (
    Workload(
        "chain40",
        "chain of 40",
        file="w1_chain40.py",
        tasks=40,
        runs=9,
        is_chain=True,
        against_runs=2,
        against_cutoff_s=50,
        tiny_tasks=2,
    ),
    Workload(
        "bash40",
        "chain of 40, shell `true`",
        file="w7_bash40.py",
        tasks=40,
        runs=5,
        is_chain=True,
        has_marks=False,
        against_runs=1,
        against_cutoff_s=60,
        tiny_tasks=2,
    ),
    Workload(
        "chain10",
        "chain of 10 x fibo(33)",
        file="w2_chain10.py",
        tasks=10,
        runs=2,
        warmups=0,
        is_chain=True,
        against_runs=2,
        against_cutoff_s=30,
        tiny_tasks=2,
    ),
    Workload(
        "fanout400",
        "1 → 400 → 1 no-op",
        file="w3_fanout400.py",
        tasks=402,
        runs=5,
        against_runs=1,
        against_cutoff_s=90,
        tiny_tasks=10,
    ),
    Workload(
        "runs100",
        "100 runs x 5 tasks at once",
        file="w5_small_runs.py",
        tasks=500,
        at_once=100,
        runs=3,
        against_runs=1,
        against_cutoff_s=60,
        tiny_tasks=6,
    ),
    Workload(
        "layers2000",
        "20 layers x 100",
        file="w6_layers2000.py",
        tasks=2000,
        runs=1,
        warmups=0,
        against_runs=1,
        against_cutoff_s=60,
        tiny_tasks=4,
    ),
    Workload(
        "latency",
        "one task",
        "latency",
        file="w11_latency.py",
        runs=30,
        against_runs=15,
    ),
    Workload(
        "ready100", "100 ready tasks, 16 slots", file="ready100.py", tasks=100, runs=5, tiny_tasks=2
    ),
    Workload(
        "ready10000",
        "10,000 ready tasks, 16 slots",
        file="ready10000.py",
        tasks=10_000,
        runs=1,
        warmups=0,
        cutoff_s=180,
        tiny_tasks=200,
    ),
    Workload(
        "files100",
        "100 DAG files due at once, nothing warm",
        "unpaused",
        file="once.py",
        tasks=100,
        runs=1,
        warmups=0,
        against_runs=1,
        against_cutoff_s=90,
        tiny_tasks=3,
    ),
    Workload("visible", "saved DAG file", "visible", file="once.py", runs=10, is_for_reuse=False),
    Workload(
        "import", "fresh interpreter", "imported", runs=10, against_runs=3, is_for_reuse=False
    ),
    Workload(
        "sensors1000",
        "1,000 sensors that look every 60 s",
        "waiting",
        file="sensors1000.py",
        tasks=1000,
        runs=1,
        warmups=0,
        cutoff_s=300,
        quiet_s=60,
        tiny_tasks=20,
    ),
    Workload(
        "triggers10000",
        "10,000 deferred tasks in triggers",
        "deferred",
        file="triggers10000.py",
        tasks=10_000,
        runs=1,
        warmups=0,
        cutoff_s=240,
        quiet_s=60,
        tiny_tasks=200,
        is_for_reuse=False,
    ),
    Workload(
        "moments10000",
        "10,000 deferred tasks that wait for a moment",
        "deferred",
        file="moments10000.py",
        tasks=10_000,
        runs=1,
        warmups=0,
        cutoff_s=240,
        quiet_s=60,
        tiny_tasks=200,
        is_for_reuse=False,
    ),
    Workload(
        "idle",
        "a minute after one run of one DAG",
        "idle",
        file="w11_latency.py",
        runs=1,
        warmups=0,
        quiet_s=60,
        against_runs=1,
        is_for_reuse=False,
    ),
)

WARM_UP = "w11_latency.py"
"""What warms up an engine for which a repetition of the workload would take too long."""
SHRINK = 50
"""By how much workloads are smaller when only their working is tried."""
TINY_AT_ONCE = 3
