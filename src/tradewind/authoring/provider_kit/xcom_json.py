"""JSON that keeps what JSON lacks, as XCom backends of provider packages write and read it."""

import json
from collections.abc import Iterator
from typing import Any

from tradewind.authoring import serde


class XComEncoder(json.JSONEncoder):
    """Writes everything that can be an XCom."""

    __module__ = "airflow.utils.json"

    def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
        return super().iterencode(serde.serialize(o), _one_shot)


class XComDecoder(json.JSONDecoder):
    """Reads it again."""

    __module__ = "airflow.utils.json"

    def decode(self, s: str, *args: Any) -> Any:
        return serde.deserialize(super().decode(s, *args))
