"""What a process and the programs it has waited for have used."""

import resource
from typing import NamedTuple


class Usage(NamedTuple):
    """In all the life of a process; zero before it."""

    cpu_s: float = 0.0
    peak_kib: int = 0
    """Most memory it has held."""
    programs_peak_kib: int = 0
    """Most memory any of its programs has held."""

    @classmethod
    def now(cls) -> "Usage":
        """Of this process."""
        own = resource.getrusage(resource.RUSAGE_SELF)
        programs = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = own.ru_utime + own.ru_stime + programs.ru_utime + programs.ru_stime
        return cls(cpu_s, own.ru_maxrss, programs.ru_maxrss)

    def peak_kib_since(self, before: "Usage") -> int:
        """The larger peak; that of programs counts if it has risen."""
        has_risen = self.programs_peak_kib > before.programs_peak_kib
        return max(self.peak_kib, self.programs_peak_kib if has_risen else 0)
