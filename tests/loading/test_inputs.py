"""A file is read again exactly when something it depended on is different."""

import os
from pathlib import Path
from typing import Any

from tradewind.authoring.asked import of_answer
from tradewind.authoring.fingerprints import Fingerprints, fingerprint
from tradewind.loading import inputs as compared
from tradewind.loading.inputs import Answer, were_asked_for
from tradewind.model.parsed import RecordedInput
from tradewind.model.requests import GetConnection, GetVariable, Request, VariableKeys

DISK = Fingerprints()


def changed(inputs: list[RecordedInput], answer: Answer | None = None) -> bool:
    return compared.changed(inputs, DISK, answer)


def recorded(kind: str, name: Path) -> RecordedInput:
    return RecordedInput(kind=kind, name=str(name), fingerprint=fingerprint(kind, str(name)))


def test_a_file_changes_with_its_content_only(tmp_path: Path) -> None:
    path = tmp_path / "helper.py"
    path.write_text("1")
    inputs = [recorded("file", path)]
    assert not changed(inputs)

    os.utime(path, (1, 1))
    assert not changed(inputs)

    path.write_text("2")
    assert changed(inputs)

    path.unlink()
    assert changed(inputs)


def test_a_file_that_was_not_there_may_come(tmp_path: Path) -> None:
    inputs = [recorded("file", tmp_path / "config.yaml")]
    assert not changed(inputs)
    (tmp_path / "config.yaml").write_text("")
    assert changed(inputs)


def test_a_listed_folder_changes_with_its_names(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("")
    inputs = [recorded("folder", tmp_path)]
    (tmp_path / "a.sql").write_text("select 1")
    assert not changed(inputs)
    (tmp_path / "b.sql").write_text("")
    assert changed(inputs)


def test_variables_and_connections_are_asked_for() -> None:
    answers: dict[Request, Any] = {
        GetVariable(key="v"): "1",
        VariableKeys(prefix="p"): ["p1"],
        GetConnection(conn_id="c"): {"host": "h"},
    }
    inputs = [
        RecordedInput(kind=kind, name=name, fingerprint=of_answer(answer))
        for (kind, name), answer in zip(
            [("variable", "v"), ("variable_keys", "p"), ("connection", "c")],
            answers.values(),
            strict=True,
        )
    ]
    assert were_asked_for(inputs)
    assert not changed(inputs, answers.__getitem__)
    for request in list(answers):
        assert changed(inputs, {**answers, request: "other"}.__getitem__)
    assert not changed(inputs)


def test_the_environment_is_not_compared() -> None:
    assert not changed([RecordedInput(kind="env", name="HOME", fingerprint="other")])
