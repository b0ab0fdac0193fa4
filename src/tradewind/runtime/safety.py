"""What a DAG file must not leave behind for its process to be forked from."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Resources:
    """Threads and open descriptors of this process that a fork would not carry over soundly."""

    threads: int
    shared: frozenset[str]
    """Sockets, pipes and devices by the name the kernel gives them."""

    @classmethod
    def now(cls) -> "Resources":
        return cls(count_threads(), _shared_descriptors())


def what_makes_unsafe(before: Resources) -> str | None:
    """One line that says why this process must not fork tasks; None if it may."""
    if count_threads() > before.threads:
        fork_nothing()
        threads = count_threads()
        if threads > before.threads:
            return f"its import started {threads - before.threads} native threads"
    opened = _shared_descriptors() - before.shared
    if opened:
        return f"its import opened {', '.join(sorted(opened))}"
    return None


def private_kib() -> int:
    """Memory of this process that it shares with no other."""
    total = 0
    for line in (_PROC / "smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean:", "Private_Dirty:")):
            total += int(line.split()[1])
    return total


def count_threads() -> int:
    """Of this process, native ones included."""
    return len(os.listdir("/proc/self/task"))  # noqa: PTH208 pathlib is slower


def fork_nothing() -> None:
    """Make the process fork once. Thread pools that can stand a fork, such as OpenBLAS's, end themselves when one is near."""
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def is_shared(name: str) -> bool:
    """Whether a descriptor the kernel calls so, such as that of a CUDA context, stands for
    something that a fork would share."""
    return name.startswith(("socket:", "pipe:", "anon_inode:", "/dev/nvidia"))


def _shared_descriptors() -> frozenset[str]:
    names = set()
    for entry in (_PROC / "fd").iterdir():
        try:
            name = str(entry.readlink())
        except FileNotFoundError:  # the listing's own
            continue
        if is_shared(name):
            names.add(name)
    return frozenset(names)
