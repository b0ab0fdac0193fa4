"""Run by another Python, as a script: calls a function whose source and arguments lie in a folder.

It knows nothing of Tradewind, which need not be there, and keeps to what every Python since 3.8 can.
"""

import importlib
import pickle
import sys
from pathlib import Path

SOURCE, ARGUMENTS, RESULT, FAILURE = "function.py", "arguments", "result", "failure"
"""Files of the folder: the function, what it is called with, what it returned, why it failed."""


def main(folder: str, name: str, serializer_name: str) -> None:
    """Call the function `name`. What it raises, it raises here."""
    here = Path(folder)
    serializer = importlib.import_module(serializer_name)
    given = pickle.loads((here / ARGUMENTS).read_bytes())  # noqa: S301 of the task that waits
    source = (here / SOURCE).read_text(encoding="utf-8")
    around = {"__name__": "__main__", "virtualenv_string_args": given["strings"]}
    exec(compile(source, SOURCE, "exec"), around)  # noqa: S102 that is what it is for
    kwargs = {key: serializer.loads(value) for key, value in given["kwargs"].items()}
    for key, (value, plainer) in given["context"].items():
        try:
            kwargs[key] = serializer.loads(value)
        except (ImportError, AttributeError):  # pendulum is not there
            kwargs[key] = serializer.loads(plainer)
    result = around[name](*serializer.loads(given["args"]), **kwargs)
    if result is not None:
        (here / RESULT).write_bytes(serializer.dumps(result))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
        (Path(sys.argv[1]) / FAILURE).write_text(failure, encoding="utf-8", errors="replace")
        raise
