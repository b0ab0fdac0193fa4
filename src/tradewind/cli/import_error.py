"""An import error as text: where, what, and below it the traceback. Pure."""

import re

_FIRST_LINE = re.compile(r"(?::(?P<line>\d+))?: (?P<message>.*)")


def block(path: str, error: str) -> str:
    """The file (and line), the message indented below, the rest indented further."""
    first, _, rest = error.partition("\n")
    found = _FIRST_LINE.fullmatch(first.removeprefix(path))
    if first.startswith(path) and found:
        line = found["line"]
        path, first = f"{path}:{line}" if line else path, found["message"]
    shown = [path, f"  {first}"]
    if rest.strip():
        shown += ["", *(f"    {line}".rstrip() for line in rest.strip("\n").splitlines())]
    return "\n".join(shown)
