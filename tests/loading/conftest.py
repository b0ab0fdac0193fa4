"""A DAGs folder with its own Parser."""

import dataclasses
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tradewind.config.load import load_settings
from tradewind.config.settings import Settings
from tradewind.loading.parser import Parser

GOOD = """
from tradewind import DAG, BaseOperator

with DAG("{dag_id}", schedule=None):
    BaseOperator(task_id="first") >> BaseOperator(task_id="second")
"""

Write = Callable[..., Path]
NewParser = Callable[..., Parser]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    (home / "dags").mkdir()
    return load_settings(
        {"TRADEWIND_HOME": str(home), "TRADEWIND__CORE__DAGBAG_IMPORT_TIMEOUT": "600"}
    )


@pytest.fixture(scope="module")
def write(settings: Settings) -> Write:
    """Write a DAG file; without a text, a good one whose dag_id is the file's stem."""

    def write(name: str, text: str = GOOD) -> Path:
        path = settings.core.dags_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).replace("{dag_id}", path.stem))
        return path

    return write


@pytest.fixture
def new_parser(settings: Settings) -> Iterator[NewParser]:
    """Make a Parser; options are those of `core`, `answer` answers questions."""
    parsers: list[Parser] = []

    def new_parser(*, answer: Callable[[Any], Any] = lambda _: None, **core: Any) -> Parser:
        parser = Parser(
            dataclasses.replace(settings, core=dataclasses.replace(settings.core, **core)), answer
        )
        parsers.append(parser)
        return parser

    yield new_parser
    for parser in parsers:
        parser.close()


@pytest.fixture(scope="module")
def parser(settings: Settings) -> Iterator[Parser]:
    with closing(Parser(settings, lambda _: None)) as parser:
        yield parser
