"""Which source wins, what values are refused, and what the refusal says."""

import dataclasses
import stat
from pathlib import Path

import pytest

from tradewind.config.lint import lint
from tradewind.config.load import KNOWN, SECTIONS, load_settings, origins
from tradewind.config.settings import Settings
from tradewind.model.errors import InvalidSetting


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    return {"TRADEWIND_HOME": str(home)}


def write_toml(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "tradewind.toml").write_text(text)


def test_defaults_live_in_a_private_home(home: Path, environ: dict[str, str]) -> None:
    settings = load_settings(environ)

    assert settings.home == home
    assert settings.core.dags_folder == home / "dags"
    assert settings.database.url == f"sqlite:///{home}/tradewind.db"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.run_folder.stat().st_mode) == 0o700


def test_home_is_tradewind_in_the_users_home_unless_named(tmp_path: Path) -> None:
    assert load_settings({"HOME": str(tmp_path)}).home == tmp_path / "tradewind"
    airflow = str(tmp_path / "airflow")
    assert load_settings({"HOME": str(tmp_path), "AIRFLOW_HOME": airflow}).home == Path(airflow)


def test_an_existing_home_keeps_its_mode(home: Path, environ: dict[str, str]) -> None:
    home.mkdir(mode=0o755)
    load_settings(environ)
    assert stat.S_IMODE(home.stat().st_mode) == 0o755


def test_each_source_outranks_the_one_before(
    home: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    cfg = tmp_path / "airflow" / "airflow.cfg"
    cfg.parent.mkdir()
    names = ["parallelism", "default_task_retries", "default_task_retry_delay"]
    cfg.write_text("[core]\n" + "\n".join(f"{name} = 11" for name in names))
    environ["AIRFLOW_HOME"] = str(cfg.parent)
    assert load_settings(environ).core.parallelism == 11

    write_toml(home, "[core]\nparallelism = 12\ndefault_task_retries = 12\n")
    environ["AIRFLOW__CORE__PARALLELISM"] = "13"
    core = load_settings(environ).core
    assert [getattr(core, name) for name in names] == [13, 12, 11]

    environ["TRADEWIND__CORE__PARALLELISM"] = "14"
    assert load_settings(environ).core.parallelism == 14
    found = origins(environ)
    assert found["core.parallelism"] == "variable TRADEWIND__CORE__PARALLELISM"
    assert found["core.default_task_retries"] == str(home / "tradewind.toml")
    assert found["core.default_task_retry_delay"] == str(cfg)
    assert found["api.port"] == "default"
    assert found["core.fernet_key"] == str(home / "fernet-key")


def test_an_airflow_cfg_gives_what_we_know_and_never_the_database(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "airflow.cfg").write_text(
        "[core]\ndags_folder = {AIRFLOW_HOME}/pipelines\nsecurity = kerberos\n"
        "default_task_execution_timeout =\ndags_are_paused_at_creation = False  # loud\n"
        "sql_alchemy_conn = mysql://elsewhere\n"
        "[database]\nurl = sqlite:////elsewhere\nsql_alchemy_conn = mysql://elsewhere\n"
        "[logging]\nlog_format = [%%(asctime)s]\n[smtp]\nsmtp_host = mail\n"
    )
    environ["AIRFLOW_HOME"] = str(tmp_path)
    environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = "mysql://elsewhere"
    environ["AIRFLOW__DATABASE__URL"] = "sqlite:////elsewhere"

    settings = load_settings(environ)

    assert settings.core.dags_folder == tmp_path / "pipelines"
    assert settings.core.dags_are_paused_at_creation is False
    assert settings.core.default_task_execution_timeout is None
    assert "elsewhere" not in settings.database.url


def test_relative_paths_start_where_they_are_written(
    home: Path, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_toml(home, '[core]\ndags_folder = "flows"\n[database]\nurl = "sqlite:///state.db"\n')
    environ["TRADEWIND__CORE__PLUGINS_FOLDER"] = "shared/../plugins"
    environ["TRADEWIND__LOGGING__BASE_LOG_FOLDER"] = "{home}/l"

    settings = load_settings(environ)

    assert settings.core.dags_folder == home / "flows"
    assert settings.database.url == f"sqlite:///{home}/state.db"
    assert settings.core.plugins_folder == tmp_path / "plugins"
    assert settings.logging.base_log_folder == home / "l"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[core]\nparallelism = true", "core.parallelism must be a whole number, not True"),
        ("[core]\nparallelism = 0", "core.parallelism must be at least 1, not 0"),
        ('[core]\ndags_are_paused_at_creation = "perhaps"', "must be true or false, not 'perhaps'"),
        ('[core]\nisolation = "vm"', "core.isolation must be fork, reuse or spawn, not 'vm'"),
        ('[core]\ndag_profile = "4"', "core.dag_profile must be auto, 2 or 3, not '4'"),
        ('[core]\ndefault_timezone = "Mars/X"', "a time zone such as utc, system or Europe/Paris"),
        ("[core]\ndags_folder = 3", "core.dags_folder must be a path in quotes, not 3"),
        ('[core]\ndagbag_import_timeout = "soon"', "must be a number, not 'soon'"),
        ("[api_auth]\njwt_secret = [1]", "api_auth.jwt_secret must be text in quotes"),
        ("[core]\nparalelism = 3", "no option core.paralelism; did you mean parallelism?"),
        ("[cores]\nparallelism = 3", "no section [cores]; did you mean core?"),
        ("[zzz]\n", "no section [zzz]; `tradewind config list` shows all options"),
        ("core = 3", "core must be a section: write [core]"),
        ("[core", "not valid TOML"),
    ],
)
def test_a_mistake_in_tradewind_toml_is_one_clear_line(
    home: Path, environ: dict[str, str], toml: str, message: str
) -> None:
    write_toml(home, toml)
    with pytest.raises(InvalidSetting) as refusal:
        load_settings(environ)
    assert message in str(refusal.value)
    assert str(home / "tradewind.toml") in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_secret_is_not_shown_in_a_refusal(home: Path, environ: dict[str, str]) -> None:
    write_toml(home, '[core]\nfernet_key = ["hunter2"]')
    with pytest.raises(InvalidSetting) as refusal:
        load_settings(environ)
    assert "hunter2" not in str(refusal.value)


def test_a_wrong_variable_is_named(environ: dict[str, str]) -> None:
    environ["TRADEWIND__API__PORT"] = "eighty"
    with pytest.raises(InvalidSetting, match=r"variable TRADEWIND__API__PORT: api\.port must be a"):
        load_settings(environ)


def test_unknown_variables_are_an_error_only_if_they_are_ours(environ: dict[str, str]) -> None:
    environ["AIRFLOW__CORE__UNKNOWN"] = "x"
    load_settings(environ)
    environ["TRADEWIND__CORE__PARALELISM"] = "3"
    with pytest.raises(InvalidSetting, match="did you mean TRADEWIND__CORE__PARALLELISM"):
        load_settings(environ)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidSetting, match="set TRADEWIND_HOME to a folder you may write to"):
        load_settings({"TRADEWIND_HOME": str(tmp_path / "file" / "home")})


@pytest.mark.parametrize("section", sorted(SECTIONS))
def test_every_option_says_what_it_does(section: str) -> None:
    for option in dataclasses.fields(SECTIONS[section]):
        doc = option.metadata["doc"]
        assert doc.endswith("."), f"{section}.{option.name}"
        assert len(doc) > 10


def test_every_section_is_known() -> None:
    assert set(KNOWN) == {item.name for item in dataclasses.fields(Settings)} - {"home"}


def test_options_of_earlier_days_count_where_todays_are_not_set(
    environ: dict[str, str], tmp_path: Path
) -> None:
    cfg = tmp_path / "airflow.cfg"
    cfg.write_text(
        "[core]\ndag_concurrency = 7\nparallelism = 5\n[webserver]\nweb_server_port = 81"
    )
    environ["AIRFLOW_CONFIG"] = str(cfg)
    settings = load_settings(environ)
    assert settings.core.max_active_tasks_per_dag == 7
    assert settings.api.port == 81

    cfg.write_text("[core]\nmax_active_tasks_per_dag = 9\ndag_concurrency = 7")
    assert load_settings(environ).core.max_active_tasks_per_dag == 9
    environ["AIRFLOW__CORE__DAG_CONCURRENCY"] = "3"
    assert load_settings(environ).core.max_active_tasks_per_dag == 3


def test_lint_tells_what_does_not_count(environ: dict[str, str], tmp_path: Path) -> None:
    cfg = tmp_path / "airflow.cfg"
    cfg.write_text(
        "[core]\nparallelism = 5\ndag_concurrency = 7\nparalelism = 3\nempty =\n"
        "[database]\nsql_alchemy_conn = sqlite://\n[webserver]\nexpose_config = True\n"
    )
    environ["AIRFLOW_CONFIG"] = str(cfg)
    environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
    environ["AIRFLOW__CORE__EXECUTOR"] = "CeleryExecutor"
    remarks = {item.option: (item.source, item.remark) for item in lint(environ)}
    assert remarks == {
        "core.dag_concurrency": (
            str(cfg),
            "renamed: core.max_active_tasks_per_dag is set by it; write that",
        ),
        "core.paralelism": (str(cfg), "unknown here; did you mean core.parallelism?"),
        "database.sql_alchemy_conn": (
            str(cfg),
            "not read: Tradewind's [database] is its own; see tradewind.toml",
        ),
        "webserver.expose_config": (
            str(cfg),
            "not read by Tradewind itself: it has no section [webserver]",
        ),
        "core.load_examples": ("variable AIRFLOW__CORE__LOAD_EXAMPLES", "unknown here"),
        "core.executor": (
            "variable AIRFLOW__CORE__EXECUTOR",
            "CeleryExecutor is not there: set LocalExecutor or SequentialExecutor; the scheduler "
            "does not start",
        ),
    }
    environ["AIRFLOW__CORE__EXECUTOR"] = "airflow.executors.sequential_executor.SequentialExecutor"
    assert "core.executor" not in {item.option for item in lint(environ)}
    assert list(lint({})) == []
