"""`one_example FILE DAG_ID STORY`: what becomes of that DAG here, as one line of JSON."""

import contextlib
import json
import logging
import sys
from pathlib import Path

from tests.oracle.outcomes.ours import NotYet, play


def main() -> None:
    path, dag_id, story = Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(sys.stderr):
        try:
            answer = play(0, [tuple(step) for step in story], [path], dag_id)
        except NotYet as reason:
            answer = {"not yet": str(reason)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(answer, default=str))


if __name__ == "__main__":
    main()
