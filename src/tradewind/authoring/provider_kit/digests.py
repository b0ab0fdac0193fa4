"""Hashes that guard nothing."""

import hashlib
from typing import Any


def md5(string: bytes = b"", /) -> Any:
    """MD5, also where only secure hashes are allowed."""
    return hashlib.md5(string, usedforsecurity=False)
