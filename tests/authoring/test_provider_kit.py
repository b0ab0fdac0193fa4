"""What provider packages lean on: each helper does what its name has always meant."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tradewind.authoring import configuration, provider_packages
from tradewind.authoring.connections import Connection
from tradewind.authoring.errors import (
    AirflowConfigException,
    AirflowException,
    AirflowTaskTimeout,
)
from tradewind.authoring.provider_kit import (
    class_paths,
    kerberos,
    listening,
    mail,
    metrics,
    no_database,
    old_classes,
    process_settings,
    secret_masking,
    surroundings,
    values,
)
from tradewind.authoring.provider_kit.dag_file_names import correct_maybe_zipped
from tradewind.authoring.provider_kit.models_in_types import iter_pydantic_models
from tradewind.authoring.provider_kit.no_database import DagModel, NoDatabase
from tradewind.authoring.provider_kit.providers_manager import (
    ProvidersManager,
    ProvidersManagerTaskRuntime,
)
from tradewind.authoring.provider_kit.secrets_backend import EnvironmentVariablesBackend
from tradewind.authoring.provider_kit.state_backends import AssetScope
from tradewind.authoring.provider_kit.task_keys import TaskInstanceKey
from tradewind.authoring.provider_kit.time_limits import timeout
from tradewind.authoring.provider_kit.xcom_json import XComDecoder, XComEncoder


class TestValues:
    def test_pruning(self) -> None:
        data = {"a": None, "b": "", "c": [None, 0, {"d": None}], "e": {"f": None}}
        assert values.prune_dict(data) == {"b": "", "c": [0, {}], "e": {}}
        assert values.prune_dict(data, mode="truthy") == {}
        with pytest.raises(ValueError, match="strict"):
            values.prune_dict({}, mode="lax")

    def test_merging(self) -> None:
        one = {"a": 1, "b": {"x": 1, "y": 1}}
        assert values.merge_dicts(one, {"b": {"y": 2}, "c": 3}) == {
            "a": 1,
            "b": {"x": 1, "y": 2},
            "c": 3,
        }
        assert one["b"] == {"x": 1, "y": 1}

    def test_counting_and_slicing(self) -> None:
        assert values.exactly_one(None, 0, "x")
        assert not values.exactly_one("x", 1)
        assert values.at_most_one(None, None)
        with pytest.raises(ValueError, match="one by one"):
            values.exactly_one([1, 2])
        assert list(values.chunks([1, 2, 3], 2)) == [[1, 2], [3]]
        with pytest.raises(ValueError, match="at least 1"):
            list(values.chunks([1], 0))
        assert values.as_flattened_list([[1], (2, 3)]) == [1, 2, 3]

    def test_texts(self) -> None:
        assert values.convert_camel_to_snake("HttpHook") == "http_hook"
        assert values.to_boolean("Yes")
        assert not values.to_boolean(None)
        values.validate_key("a-b.c_1")
        with pytest.raises(AirflowException, match="must be made of"):
            values.validate_key("a b")
        with pytest.raises(TypeError, match="must be text"):
            values.validate_key(1)  # type: ignore[arg-type]


class TestSurroundings:
    def test_variables_are_as_before_afterwards(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KIT_OLD", "old")
        monkeypatch.delenv("KIT_NEW", raising=False)
        with surroundings.patch_environ({"KIT_OLD": "1", "KIT_NEW": "2"}):
            assert (os.environ["KIT_OLD"], os.environ["KIT_NEW"]) == ("1", "2")
        assert os.environ["KIT_OLD"] == "old"
        assert "KIT_NEW" not in os.environ

    def test_a_program_is_run_and_heard(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("INFO"):
            surroundings.execute_in_subprocess([sys.executable, "-c", "print('from within')"])
        assert "from within" in caplog.text
        with pytest.raises(subprocess.CalledProcessError):
            surroundings.execute_in_subprocess([sys.executable, "-c", "raise SystemExit(3)"])


class TestClassPaths:
    def test_there_and_back(self) -> None:
        assert class_paths.import_string("pathlib.Path") is Path
        assert class_paths.qualname(Path) == "pathlib.Path"
        assert class_paths.qualname(Path("x").exists, use_qualname=True) == "pathlib.Path.exists"
        for path in ("Path", "pathlib.Nothing", "nothing.at.all"):
            with pytest.raises(ImportError):
                class_paths.import_string(path)
        assert class_paths.is_valid_dotpath("a.b")
        assert not class_paths.is_valid_dotpath("a")

    def test_modules_whose_names_have_moved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        package = ModuleType("kit_package")
        monkeypatch.setitem(sys.modules, "kit_package", package)
        monkeypatch.setitem(sys.modules, "kit_package.old", ModuleType("x"))
        del sys.modules["kit_package.old"]
        old_classes.add_deprecated_classes({"old": {"Thing": "pathlib.Path"}}, "kit_package")
        old = sys.modules["kit_package.old"]
        with pytest.warns(old_classes.DeprecatedImportWarning, match=r"kit_package\.old\.Thing"):
            assert old.Thing is Path
        with pytest.raises(AttributeError):
            old.Other  # noqa: B018


class TestTimeout:
    def test_what_takes_too_long_is_interrupted(self) -> None:
        with pytest.raises(AirflowTaskTimeout, match="too slow"), timeout(0.05, "too slow"):
            time.sleep(60)

    def test_an_alarm_set_before_goes_on(self) -> None:
        try:
            with timeout(600, "outer"):
                with timeout(30, "inner"):
                    pass
                left, _ = signal.getitimer(signal.ITIMER_REAL)
                assert 500 < left <= 600
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class TestSecrets:
    def test_what_is_masked_is_hidden_and_told_to_the_log(self) -> None:
        told: list[str] = []
        before = secret_masking._log_masks
        secret_masking.use(told.extend)
        try:
            masker = secret_masking.SecretsMasker()
            masker.add_mask({"password": "hunter22", "plain": "seen"})
            masker.add_mask(["token-1", "token-2"])
        finally:
            if before is not None:
                secret_masking.use(before)
        assert told == ["hunter22", "token-1", "token-2"]
        assert masker.redact({"a": ["x hunter22 y", "seen"], "api_key": "k", "n": 1}) == {
            "a": ["x *** y", "seen"],
            "api_key": "***",
            "n": 1,
        }
        assert masker.redact("what", "password") == "***"

    def test_the_environment_as_a_backend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_KIT", "http://host:81")
        monkeypatch.setenv("AIRFLOW_VAR_KIT", "value")
        backend = EnvironmentVariablesBackend()
        found = backend.get_connection("kit")
        assert found is not None
        assert (found.host, found.port) == ("host", 81)
        assert backend.get_variable("kit") == "value"
        assert backend.get_connection("nothing") is None


class TestMail:
    def test_a_message_and_everybody_who_gets_it(self, tmp_path: Path) -> None:
        file = tmp_path / "data.csv"
        file.write_text("a,b")
        message, receivers = mail.build_mime_message(
            "me@x", "a@x, b@x;c@x", "Hello", "<p>hi</p>", [str(file)], cc=["d@x"], bcc="hidden@x"
        )
        assert receivers == ["a@x", "b@x", "c@x", "d@x", "hidden@x"]
        again = message_from_string(message.as_string())
        assert (again["Subject"], again["From"], again["CC"]) == ("Hello", "me@x", "d@x")
        assert "hidden@x" not in message.as_string()
        names = [part.get_filename() for part in again.walk() if part.get_filename()]
        assert names == ["data.csv"]

    def test_nobody_to_send_it_says_what_to_make(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://host")
        with pytest.raises(AirflowException, match="no sender"):
            mail.send_email("a@x", "Hello", "text", dryrun=True)


class TestMetrics:
    def test_counts_and_times_go_out_as_datagrams(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
            collector.bind(("127.0.0.1", 0))
            collector.settimeout(60)
            monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
            monkeypatch.setenv("AIRFLOW__METRICS__STATSD_HOST", "127.0.0.1")
            monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(collector.getsockname()[1]))
            metrics._backend.cache_clear()
            try:
                metrics.Stats.incr("runs", 2)
                metrics.Stats.gauge("level", 1.5)
                with metrics.Stats.timer("took") as timer:
                    pass
                seen = [collector.recv(1000).decode() for _ in range(3)]
            finally:
                backend = metrics._backend()
                assert backend is not None
                backend._socket.close()
                metrics._backend.cache_clear()
        assert seen[:2] == ["airflow.runs:2|c", "airflow.level:1.5|g"]
        assert seen[2] == f"airflow.took:{timer.duration:.3f}|ms"

    def test_nothing_goes_out_unless_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AIRFLOW__METRICS__STATSD_ON", raising=False)
        metrics._backend.cache_clear()
        assert metrics._backend() is None
        metrics.Stats.incr("runs")


class TestNoDatabase:
    def test_rows_are_classes_that_refuse_questions(self) -> None:
        assert isinstance(DagModel(dag_id="d"), DagModel)
        assert DagModel(dag_id="d").dag_id == "d"
        assert f"{DagModel.__module__}.{DagModel.__name__}" == "airflow.models.dag.DagModel"
        with pytest.raises(NoDatabase, match=r"airflow\.models\.dag\.DagModel\.get_dagmodel"):
            DagModel.get_dagmodel("d")

    def test_sessions_are_refused(self) -> None:
        with pytest.raises(NoDatabase), no_database.create_session():
            pass

        @no_database.provide_session
        def read(session: Any = None) -> Any:
            return session

        with pytest.raises(NoDatabase, match="read"):
            read()
        assert read(session=1) == 1
        with pytest.raises(NoDatabase, match="Session"):
            process_settings.Session()
        with pytest.raises(NoDatabase, match=r"engine\.connect"):
            process_settings.engine.connect()


def test_kerberos_names() -> None:
    assert kerberos.get_components("user/host@REALM") == ["user", "host", "REALM"]
    assert kerberos.replace_hostname_pattern(["u", "_HOST", "R"], "Host") == "u/host@R"


def test_marks_of_listeners() -> None:
    @listening.hookimpl
    def on_starting() -> None: ...

    @listening.hookimpl(tryfirst=True)
    def before_stopping() -> None: ...

    assert on_starting.airflow_impl["tryfirst"] is False
    assert before_stopping.airflow_impl["tryfirst"] is True


def test_keys_of_tries() -> None:
    key = TaskInstanceKey("d", "t", "r", 2, 3)
    assert key.primary == ("d", "t", "r", 3)
    assert key.with_try_number(5).try_number == 5
    assert TaskInstanceKey.__module__ == "airflow.models.taskinstancekey"


def test_a_file_in_an_archive(tmp_path: Path) -> None:
    archive = tmp_path / "dags.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("dag.py", "")
    assert correct_maybe_zipped(f"{archive}/dag.py") == str(archive)
    assert correct_maybe_zipped("/dags/dag.py") == "/dags/dag.py"


def test_json_that_keeps_more_than_json() -> None:
    value = {"at": datetime(2024, 1, 2, tzinfo=UTC), "both": (1, {"x"}), "text": "t"}
    text = json.dumps(value, cls=XComEncoder)
    assert json.loads(text, cls=XComDecoder) == value
    written = io.StringIO()
    json.dump(value, written, cls=XComEncoder)
    assert written.getvalue() == text


def test_an_asset_scope_names_its_asset() -> None:
    assert AssetScope(name="a").uri is None
    with pytest.raises(ValueError, match="asset_id"):
        AssetScope()


def test_models_in_annotations() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Model")
    assert list(iter_pydantic_models(dict[str, list[model] | None])) == [model]


class TestProvidersManager:
    @pytest.fixture
    def brought(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """One provider, whose hook is in this very module."""

        class _Dist:
            name, version = "a-provider", "1.2"

        class _EntryPoint:
            dist = _Dist()

            def load(self) -> Any:
                return lambda: {
                    "connection-types": [
                        {"connection-type": "kit", "hook-class-name": f"{__name__}.KitHook"}
                    ],
                    "dialects": [{"dialect-type": "kit", "dialect-class-name": "a.B"}],
                    "config": {"kit": {"options": {"size": {"default": 3}, "none": {}}}},
                }

        monkeypatch.setattr(
            provider_packages.metadata, "entry_points", lambda group: [_EntryPoint()]
        )
        self._forget()
        yield
        self._forget()

    @staticmethod
    def _forget() -> None:
        for known in ("installed", "hook_classes", "task_decorators"):
            getattr(provider_packages, known).cache_clear()
        ProvidersManager._one = ProvidersManagerTaskRuntime._one = None

    @pytest.mark.usefixtures("brought")
    def test_what_packages_bring(self) -> None:
        manager = ProvidersManager()
        assert manager is ProvidersManager()
        assert type(ProvidersManagerTaskRuntime()) is ProvidersManagerTaskRuntime
        assert manager.providers["a-provider"].version == "1.2"
        hook = manager.hooks["kit"]
        assert hook is not None
        assert (hook.package_name, hook.connection_id_attribute_name) == ("a-provider", "kit_id")
        assert manager.dialects["kit"].dialect_class_name == "a.B"

    @pytest.mark.usefixtures("brought")
    def test_a_connection_finds_its_hook(self) -> None:
        hook = Connection(conn_id="c", conn_type="kit").get_hook(hook_params={"more": 1})
        assert (hook.kit_id, hook.more) == ("c", 1)

    @pytest.mark.usefixtures("brought")
    def test_defaults_of_their_options(self) -> None:
        assert configuration.conf.getint("kit", "size") == 3
        assert configuration.conf.get("kit", "none") is None
        with pytest.raises(AirflowConfigException):
            configuration.conf.get("kit", "other")


class KitHook:
    """The hook of a connection type `kit`."""

    conn_name_attr = "kit_id"
    hook_name = "Kit"

    def __init__(self, kit_id: str, more: int = 0) -> None:
        self.kit_id, self.more = kit_id, more
