"""Random DAGs, the same for the same seed; every theme in its turn."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any, TypeVar

from tests.oracle.outcomes.sketch import Group, Item, Job, Sketch
from tradewind.model.plan import TriggerRule

T = TypeVar("T", bound=Item)

FEWEST = 30
"""Of how many DAGs each trait must be."""

_RULES = [rule for rule in TriggerRule if rule is not TriggerRule.ALL_DONE_SETUP_SUCCESS]
_IN_MID_RUN = {"clear in mid-run", "removed task"}
_DATES = {"a": "2024-01-02", "b": "2024-01-03", "c": "2024-01-04"}


def sketch(seed: int) -> Sketch:
    """The random DAG of that seed."""
    return _Drawer(seed).draw()


def coverage(sketches: Iterable[Sketch], answers: Mapping[int, Mapping[str, Any]]) -> Counter[str]:
    """How many DAGs have each trait, by seed; every one that is asked for is named.

    What is done in mid-run counts only where the answer says that the run was still going.
    """
    found: Counter[str] = Counter()
    for one in sketches:
        going = set(answers[one.seed].get("under way", ())) == {"running"}
        found.update(trait for trait in one.traits if going or trait not in _IN_MID_RUN)
    return Counter({trait: found[trait] for trait in [*_asked(), *sorted(found)]})


def rare(covered: Mapping[str, int]) -> dict[str, int]:
    """The traits that are asked for and are in too few DAGs."""
    return {trait: covered[trait] for trait in _asked() if covered[trait] < FEWEST}


def _asked() -> list[str]:
    rules = [f"rule {rule}" for rule in TriggerRule]
    return [*rules, *(trait for traits in THEMES.values() for trait in traits)]


THEMES: dict[str, tuple[str, ...]] = {
    "rules": (),
    "retries": ("retries",),
    "groups": ("group",),
    "mapped": ("mapped",),
    "nested": ("nested mapped",),
    "mapped_group": ("mapped group",),
    "branch": ("branch to group",),
    "circuit": ("short-circuit of all", "short-circuit of the next"),
    "setup": ("setup/teardown",),
    "past": ("depends_on_past over 3 runs",),
    "clear": ("clear in mid-run",),
    "removed": ("removed task",),
    "mixed": (),
}
"""Theme -> the traits that its DAGs bring; no theme relies on another for them."""


class _Drawer:
    """Draws one sketch."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(f"outcomes {seed}")
        self.sketch = Sketch(seed)
        self.theme = list(THEMES)[seed % len(THEMES)]
        self.names = 0
        self.in_mapped = False

    def draw(self) -> Sketch:
        sketch, dice = self.sketch, self.dice
        sketch.dag_options = {"catchup": "False", "max_active_tasks": "1000"}
        parts = [self.theme]
        if self.theme == "mixed":
            parts = dice.sample(list(THEMES), 3)
        for theme in parts:
            self.plain(dice.randint(1, 3))
            build = getattr(self, f"add_{theme}", None)
            if build is not None:
                build()
        self.plain(dice.randint(2, 4))
        self.tell(parts)
        setups = {job.name for job in sketch.jobs() if job.ending.startswith(".as_setup")}
        for job in sketch.jobs():
            if setups & {*job.after, job.given, job.over}:
                job.rule = None  # all that Airflow takes after a setup
            if job.over is not None:
                job.form = "task"
                if not job.over.startswith("[") and job.rule == TriggerRule.ALWAYS:
                    job.rule = None  # how many there are must be known
            rule = job.rule or TriggerRule.ALL_SUCCESS
            if job.rule or job.after or job.given or job.over:
                sketch.traits.add(f"rule {rule}")
        return sketch

    def tell(self, parts: list[str]) -> None:
        """The story: one run, or what the theme asks for."""
        sketch, dice = self.sketch, self.dice
        runs = ["a"]
        if "past" in parts:
            runs = ["a", "b", "c"]
            sketch.traits.add("depends_on_past over 3 runs")
        at_once = dice.random() < 0.5
        story = sketch.story
        for run in runs:
            story.append(("run", run, _DATES[run]))
            if not at_once and run != runs[-1]:
                story.append(("finish",))
        if "clear" in parts:
            story.append(("go", dice.randint(1, 3)))
            chosen = dice.sample([job.name for job in self.top_jobs()], 2)
            story.append(("clear", runs[-1], chosen, dice.random() < 0.7))
            sketch.traits.add("clear in mid-run")
        if "removed" in parts:
            sketch.removed = dice.choice([job.name for job in self.removable()])
            story.append(("go", dice.randint(0, 3)))
            story.append(("file", 2))
            sketch.traits.add("removed task")
        story.append(("finish",))

    # --- parts --------------------------------------------------------------------------------

    def plain(self, count: int) -> list[Job]:
        return [self.put(self.job()) for _ in range(count)]

    def add_retries(self) -> None:
        for _ in range(2):
            job = self.job()
            job.does, job.arg = "fail", self.dice.randint(1, 3)
            job.options |= {
                "retries": str(self.dice.randint(1, 3)),
                "retry_delay": "timedelta(0)",
            }
            self.put(job)
        self.sketch.traits.add("retries")

    def add_groups(self) -> None:
        group = self.group()
        if self.dice.random() < 0.5:
            inner = Group(self.name("g"))
            inner.items += self.chain(self.dice.randint(1, 2))
            group.items.append(inner)
        self.put(group)
        self.sketch.traits.add("group")

    def add_mapped(self) -> None:
        job = self.job()
        job.over = self.lengths()
        job.does, job.arg = self.dice.choice([("ok", 1), ("skip on", 2), ("fail on", 3)])
        self.put(job)
        self.reduce(job)
        self.sketch.traits.add("mapped")

    def add_nested(self) -> None:
        first = self.job()
        first.over, first.does, first.arg, first.given = self.lengths(), "ok", 1, None
        self.put(first)
        second = self.job()
        second.over, second.given = first.name, None
        second.does, second.arg = self.dice.choice([("ok", 2), ("skip on", 2), ("fail on", 3)])
        self.put(second)
        self.reduce(second)
        self.sketch.traits.add("nested mapped")

    def add_mapped_group(self) -> None:
        over = self.lengths()
        self.in_mapped = True
        group = Group(self.name("g"), over=over)
        group.items += self.chain(self.dice.randint(2, 4))
        for job in [item for item in group.items if isinstance(item, Job)]:
            if job.form == "task" and job.given is None and self.dice.random() < 0.7:
                job.given = "x"
                if self.dice.random() < 0.4:
                    job.does, job.arg = self.dice.choice([("skip on", 2), ("fail on", 3)])
        if all(not isinstance(item, Job) or item.given != "x" for item in group.items):
            first = group.items[0]
            assert isinstance(first, Job)
            first.form, first.given = "task", "x"
        if self.dice.random() < 0.3:
            inner = Group(self.name("g"))
            inner.items += self.chain(2)
            last = group.items[-1]
            inner.after.append(last.name)
            group.items.append(inner)
            self.sketch.traits.add("group in mapped group")
        self.in_mapped = False
        group.after += self.some_before(0, 1)
        self.put(group)
        self.plain(1)[0].after.append(group.name)
        self.sketch.traits.add("mapped group")

    def add_branch(self) -> None:
        branch = Job(self.name("b"), form="branch", after=self.some_before(0, 2))
        self.put(branch)
        ways: list[Item] = [self.group(), *(self.job() for _ in range(self.dice.randint(1, 2)))]
        for way in ways:
            way.after = [branch.name]
            if isinstance(way, Job):
                way.given = None
            self.put(way)
        chosen = [way.name for way in ways if self.dice.random() < 0.5]
        branch.follows = repr(chosen)
        join = self.job()
        join.after = [way.name for way in ways]
        join.given = None
        self.put(join)
        self.sketch.traits.add("branch to group")

    def add_circuit(self) -> None:
        for everything in (True, False):
            job = self.job()
            job.form, job.over = "short_circuit", None
            job.does, job.arg = self.dice.choice([("no", 1), ("no", 1), ("ok", 1)])
            job.options["ignore_downstream_trigger_rules"] = str(everything)
            self.put(job)
            for after in self.plain(self.dice.randint(1, 2)):
                after.after.append(job.name)
        self.sketch.traits |= {"short-circuit of all", "short-circuit of the next"}

    def add_setup(self) -> None:
        setups = []
        for _ in range(self.dice.randint(1, 2)):
            job = Job(self.name("s"), ending=".as_setup()", after=self.some_before(0, 1))
            job.does, job.arg = self.doing()
            setups.append(job)
            self.put(job)
        works = []
        for _ in range(self.dice.randint(1, 3)):
            job = self.job()
            job.after = [one.name for one in self.few(works or setups)]
            job.given = None
            works.append(job)
            self.put(job)
        named = ", ".join(job.name for job in setups)
        fails = self.dice.random() < 0.3
        ending = f".as_teardown(setups=[{named}], on_failure_fail_dagrun={fails})"
        teardown = Job(self.name("e"), ending=ending)
        teardown.does, teardown.arg = self.doing()
        teardown.after = [job.name for job in works]
        self.put(teardown)
        self.sketch.traits |= {"setup/teardown", f"rule {TriggerRule.ALL_DONE_SETUP_SUCCESS}"}

    def add_past(self) -> None:
        for job in self.few([job for job in self.top_jobs() if not job.ending]):
            job.options["depends_on_past"] = "True"
            if self.dice.random() < 0.3:
                job.options["wait_for_downstream"] = "True"

    # --- pieces -------------------------------------------------------------------------------

    def name(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    def put(self, item: Job | Group) -> Job:
        self.sketch.items.append(item)
        return item  # type: ignore[return-value]

    def doing(self) -> tuple[str, int]:
        return self.dice.choices(
            [("ok", 1), ("none", 1), ("fail", 9), ("skip", 9), ("stop", 1)], [10, 1, 4, 3, 1]
        )[0]

    def job(self) -> Job:
        dice = self.dice
        job = Job(self.name("t"), after=self.some_before(0, 3))
        job.does, job.arg = self.doing()
        if job.does == "ok":
            job.arg = dice.randint(1, 99)
        if dice.random() < 0.12:
            job.form = "empty"
        elif job.after and dice.random() < 0.2:
            handles = [name for name in job.after if name[0] in "tsb"]
            job.given = dice.choice(handles) if handles else None
            if job.given is not None and self.is_empty(job.given):
                job.given = None
        if job.after and dice.random() < 0.7:
            job.rule = dice.choice(_RULES).value
        return job

    def chain(self, count: int) -> list[Item]:
        """Jobs of a group: they follow one another in some way."""
        jobs: list[Item] = []
        for _ in range(count):
            job = Job(self.name("t"))
            job.does, job.arg = self.doing()
            if jobs and self.dice.random() < 0.8:
                job.after = [one.name for one in self.few(jobs)]
                rules = [r for r in _RULES if r is not TriggerRule.ALWAYS or not self.in_mapped]
                if self.dice.random() < 0.5:
                    job.rule = self.dice.choice(rules).value
            jobs.append(job)
        return jobs

    def group(self) -> Group:
        group = Group(self.name("g"), after=self.some_before(0, 2))
        group.items += self.chain(self.dice.randint(1, 3))
        return group

    def lengths(self) -> str:
        """Something to map over: a literal list, or a task that makes one."""
        count = self.dice.choice([0, 1, 2, 3, 3, 4])
        if self.dice.random() < 0.5:
            return repr(list(range(1, count + 1)))
        job = Job(self.name("t"), does="list", arg=count, after=self.some_before(0, 1))
        self.put(job)
        return job.name

    def reduce(self, mapped: Job) -> None:
        job = Job(self.name("t"), arg=self.dice.randint(1, 99), given=mapped.name)
        if self.dice.random() < 0.5:
            job.rule = self.dice.choice(_RULES).value
        self.put(job)

    def is_empty(self, name: str) -> bool:
        return any(job.name == name and job.form == "empty" for job in self.sketch.jobs())

    def top_jobs(self) -> Iterator[Job]:
        return (item for item in self.sketch.items if isinstance(item, Job))

    def removable(self) -> Iterator[Job]:
        """Tasks that no teardown or branch names."""
        for job in self.top_jobs():
            if job.name[0] == "t" and not any(item.over == job.name for item in self.sketch.items):
                yield job

    def some_before(self, least: int, most: int) -> list[str]:
        there = [item.name for item in self.sketch.items if item.name[0] != "e"]
        count = min(self.dice.randint(least, most), len(there))
        return sorted(self.dice.sample(there[-8:], min(count, len(there[-8:]))))

    def few(self, items: Iterable[T]) -> list[T]:
        found = list(items)
        return self.dice.sample(found, self.dice.randint(1, min(2, len(found)))) if found else []
