"""The process that imports provider packages when somebody wants to know about them.

Arguments: the descriptor to answer on. On stdin: a list of jobs as JSON. It answers each with one
line of JSON.
"""

import importlib
import json
import os
import sys
import warnings
from typing import Any

_OF_HOOKS = ("conn_name_attr", "hook_name")


def main() -> None:
    """Do every job."""
    answers = int(sys.argv[1])
    os.set_inheritable(answers, False)
    warnings.simplefilter("ignore")
    for job in json.load(sys.stdin):
        line = json.dumps(_answer(job), default=str) + "\n"
        view = memoryview(line.encode())
        while view:
            view = view[os.write(answers, view) :]
    os._exit(0)  # whatever threads the imports have left


def _answer(job: dict[str, str]) -> dict[str, Any]:
    try:
        if "info" in job:
            module, _, name = job["info"].partition(":")
            return {"info": getattr(importlib.import_module(module), name)()}
        if "hook" in job:
            module, _, name = job["hook"].rpartition(".")
            hook = getattr(importlib.import_module(module), name)
            return {"hook": {key: getattr(hook, key, None) for key in _OF_HOOKS}}
        if "attribute" in job:
            module, _, name = job["attribute"].rpartition(".")
            getattr(importlib.import_module(module), name)
        else:
            importlib.import_module(job["module"])
    except (Exception, SystemExit) as error:
        return _told(error)
    return {}


def _told(error: BaseException) -> dict[str, Any]:
    text = " ".join(str(error).split())
    return {
        "error": f"{type(error).__name__}: {text}" if text else type(error).__name__,
        "type": type(error).__name__,
        "missing": error.name if isinstance(error, ModuleNotFoundError) else None,
    }


if __name__ == "__main__":
    main()
