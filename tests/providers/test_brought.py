"""`providers hooks`, `links` and the others, with packages made here."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.providers.wheels import unpack, write_provider
from tradewind.cli.main import cli

PACKAGE = "airflow.providers.thing"
BROUGHT: Mapping[str, Any] = {
    "auth-managers": [f"{PACKAGE}.auth.ThingAuthManager"],
    "config": {
        "thing": {
            "description": "All of it",
            "options": {"speed": {"type": "integer", "default": "7"}, "name": {"default": None}},
        }
    },
    "connection-types": [
        {
            "connection-type": "thing",
            "hook-class-name": f"{PACKAGE}.hook.ThingHook",
            "hook-name": "The Thing",
            "ui-field-behaviour": {"hidden-fields": ["extra"]},
            "conn-fields": {"use_ssl": {"schema": {"type": "boolean"}}, "area": {"label": "Area"}},
        }
    ],
    "executors": [f"{PACKAGE}.executor.ThingExecutor"],
    "extra-links": [f"{PACKAGE}.links.Z", f"{PACKAGE}.links.A"],
    "logging": [f"{PACKAGE}.log.ThingTaskHandler"],
    "notifications": [f"{PACKAGE}.notify.ThingNotifier"],
    "queues": [f"{PACKAGE}.queues.ThingQueue"],
    "secrets-backends": [f"{PACKAGE}.secrets.ThingBackend"],
    "triggers": [{"integration-name": "Thing", "python-modules": [f"{PACKAGE}.triggers.thing"]}],
}
CLASSES = {
    "auth-managers": ("auth_managers_module", ["auth.ThingAuthManager"]),
    "executors": ("executor_class_names", ["executor.ThingExecutor"]),
    "links": ("extra_link_class_name", ["links.A", "links.Z"]),
    "logging": ("logging_class_name", ["log.ThingTaskHandler"]),
    "notifications": ("notification_class_name", ["notify.ThingNotifier"]),
    "queues": ("queue_class_names", ["queues.ThingQueue"]),
    "secrets": ("secrets_backend_class_name", ["secrets.ThingBackend"]),
}


@pytest.fixture
def thing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an installed provider package, whose modules but one cannot be imported."""
    site = tmp_path / "site"
    site.mkdir()
    unpack(write_provider(tmp_path, "thing", "1.2.3", more=BROUGHT), site)
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    folder = site / "airflow" / "providers" / "thing"
    hook = folder / "hook.py"
    hook.write_text(hook.read_text() + "    conn_name_attr = 'thing_conn_id'\n")
    return folder


def ask(verb: str, output: str = "json") -> Result:
    return CliRunner().invoke(cli, ["providers", verb, "-o", output], catch_exceptions=False)


@pytest.mark.parametrize("verb", CLASSES)
def test_classes_are_listed_and_not_imported(thing: Path, verb: str) -> None:
    column, names = CLASSES[verb]
    assert json.loads(ask(verb).stdout) == [{column: f"{PACKAGE}.{name}"} for name in names]
    assert ask(verb, "plain").stdout.split() == [column, *(f"{PACKAGE}.{name}" for name in names)]


def test_hooks_are_listed_with_what_their_classes_say(thing: Path) -> None:
    *others, row = json.loads(ask("hooks").stdout)
    assert [each["connection_type"] for each in others] == ["generic", "email"]
    assert row == {
        "connection_type": "thing",
        "class": f"{PACKAGE}.hook.ThingHook",
        "conn_id_attribute_name": "thing_conn_id",
        "package_name": "apache-airflow-providers-thing",
        "hook_name": "The Thing",
    }
    assert not any(name.startswith(PACKAGE) for name in sys.modules)


def test_a_hook_that_cannot_be_imported_is_listed_and_the_reason_said(thing: Path) -> None:
    (thing / "hook.py").write_text("import nobodys_library")
    done = ask("hooks")
    row = json.loads(done.stdout)[-1]
    assert (row["hook_name"], row["conn_id_attribute_name"]) == ("The Thing", "")
    assert done.stderr.startswith(f"{PACKAGE}.hook.ThingHook: ModuleNotFoundError: No module named")


def test_fields_and_forms_of_connections(thing: Path) -> None:
    rows = json.loads(ask("widgets").stdout)
    assert [(row["connection_parameter_name"], row["field_type"]) for row in rows] == [
        ("extra__thing__area", "unknown"),
        ("extra__thing__use_ssl", "boolean"),
    ]
    assert json.loads(ask("behaviours").stdout) == [{"field_behaviours": "thing"}]


def test_triggers_are_listed_by_module(thing: Path) -> None:
    assert json.loads(ask("triggers").stdout) == [
        {
            "package_name": "apache-airflow-providers-thing",
            "class": f"{PACKAGE}.triggers.thing",
            "integration_name": "Thing",
        }
    ]


def test_options_are_listed_one_by_one_for_eyes_and_whole_for_programs(thing: Path) -> None:
    (row,) = json.loads(ask("configs").stdout)
    assert row == {"provider_config": ["apache-airflow-providers-thing", BROUGHT["config"]]}
    lines = [line.split() for line in ask("configs", "plain").stdout.splitlines()]
    package = "apache-airflow-providers-thing"
    assert lines[1:] == [[package, "thing", "speed", "7"], [package, "thing", "name"]]


def test_one_that_cannot_be_read_is_named_and_the_others_are_listed(
    thing: Path, tmp_path: Path
) -> None:
    unpack(write_provider(tmp_path, "broken", "1"), tmp_path / "site")
    (thing.parent / "broken" / "get_provider_info.py").write_text("1/0")
    done = ask("links")
    assert len(json.loads(done.stdout)) == 2
    assert "apache-airflow-providers-broken: ZeroDivisionError" in done.stderr


def test_commands_import_no_provider(thing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke
    for name in [name for name in sys.modules if name.startswith("airflow.providers.")]:
        monkeypatch.delitem(sys.modules, name)
    assert run(cli, ["providers", "lazy-loaded"]).exit_code == 0
    monkeypatch.setitem(sys.modules, f"{PACKAGE}.hook", sys)
    done = run(cli, ["providers", "lazy-loaded"])
    assert PACKAGE in str(done.exception) + done.output
    assert done.exit_code == 1
