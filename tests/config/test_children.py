"""What processes that run user code are told, and what not."""

from pathlib import Path

from tradewind.config.children import child_environ, from_json, to_json
from tradewind.config.load import load_settings


def test_settings_travel_without_secrets(tmp_path: Path) -> None:
    settings = load_settings(
        {
            "TRADEWIND_HOME": str(tmp_path),
            "TRADEWIND__DATABASE__URL": "postgresql://user:hunter2@db/state",
            "TRADEWIND__CORE__FERNET_KEY": "hunter2",
            "TRADEWIND__API_AUTH__JWT_SECRET": "hunter2",
            "TRADEWIND__CORE__DEFAULT_TASK_EXECUTION_TIMEOUT": "90",
        }
    )

    text = to_json(settings)
    child = from_json(text)

    assert "hunter2" not in text
    assert child.database.url == child.core.fernet_key == child.api_auth.jwt_secret == ""
    assert child.core.default_task_execution_timeout == 90
    assert child.core.dags_folder == settings.core.dags_folder
    assert child.logging == settings.logging
    assert child.home == tmp_path


def test_the_environment_is_scrubbed_of_secrets_only() -> None:
    kept = {"PATH": "/bin", "AIRFLOW_VAR_A": "1", "TRADEWIND__CORE__PARALLELISM": "3"}
    secret = {
        "TRADEWIND__DATABASE__URL": "x",
        "TRADEWIND__DATABASE__URL_CMD": "x",
        "TRADEWIND__CORE__FERNET_KEY": "x",
        "AIRFLOW__CORE__FERNET_KEY": "x",
        "TRADEWIND__API_AUTH__JWT_SECRET": "x",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "x",
        "AIRFLOW__CELERY__BROKER_URL": "x",
        "TRADEWIND_ADMIN_PASSWORD": "x",
    }
    assert child_environ(kept | secret) == kept
