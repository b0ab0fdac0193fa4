"""Keeping an idle process small, where the C library is glibc."""

import ctypes

_ARENA_MAX = -8
"""mallopt's M_ARENA_MAX."""


def share_one_arena() -> None:
    """Let all threads allocate from one heap: a heap per thread never shrinks again.

    Call it before the first thread starts.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what importing has left behind."""
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if malloc_trim is not None:
        malloc_trim(0)
