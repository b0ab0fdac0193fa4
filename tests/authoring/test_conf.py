"""`conf`, where it cannot answer."""

import pytest

from tradewind import conf
from tradewind.authoring import provider_packages, timezone
from tradewind.authoring.configuration import Configuration
from tradewind.authoring.errors import AirflowConfigException
from tradewind.authoring.provider_packages import ProviderInfo


def test_an_option_of_a_provider_is_said_to_be_its() -> None:
    with pytest.raises(AirflowConfigException, match="apache-airflow-providers-cncf-kubernetes"):
        conf.get("kubernetes_executor", "namespace")
    with pytest.raises(AirflowConfigException, match=r"\[odd/key\] not found in config$"):
        conf.get("odd", "key")
    assert conf.get("kubernetes_executor", "namespace", fallback="mine") == "mine"


def test_mail_has_airflows_defaults() -> None:
    assert conf.get("email", "EMAIL_CONN_ID") == "smtp_default"
    assert conf.getint("smtp", "smtp_port") == 25
    assert conf.getboolean("smtp", "SMTP_STARTTLS") is True
    assert conf.get("email", "from_email") is None
    assert conf.get("email", "email_conn_id", fallback="mine") == "smtp_default"
    assert conf.get("email", "from_email", fallback="me@x.org") == "me@x.org"


def test_options_are_set_and_removed_for_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    options = Configuration()
    options.set("mine", "Key", "value")
    assert options.get("mine", "key") == "value"
    monkeypatch.setenv("AIRFLOW__MINE__KEY", "of the environment")
    assert options.get("mine", "key") == "of the environment"
    monkeypatch.delenv("AIRFLOW__MINE__KEY")
    options.remove_option("mine", "key")
    options.remove_option("smtp", "SMTP_HOST", remove_default=False)
    assert options.get("smtp", "smtp_host") == "localhost"
    options.remove_option("smtp", "SMTP_HOST")
    for section, key in (("mine", "key"), ("smtp", "smtp_host")):
        with pytest.raises(AirflowConfigException, match=f"{section}/{key}"):
            options.get(section, key)


def test_packages_get_airflows_defaults_of_what_they_ask_for() -> None:
    assert conf.get("core", "security") == ""
    assert conf.get("kerberos", "principal") == "airflow"
    assert conf.getboolean("logging", "delete_local_logs") is False


def test_a_section_of_a_package_has_its_defaults_and_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = {
        "certs": {"default": "True"},
        "wait": {"default": "2.5"},
        "size": {"default": "7"},
        "name": {"default": "x"},
        "none": {"default": None},
    }
    info = ProviderInfo("1", {"config": {"things": {"options": options}}})
    monkeypatch.setattr(provider_packages, "installed", lambda: {"some": info})
    monkeypatch.setenv("AIRFLOW__THINGS__SIZE", "8")
    monkeypatch.setenv("AIRFLOW__THINGS__MORE", "no number")
    monkeypatch.setenv("TRADEWIND__THINGS__SIZE", "9")
    assert conf.getsection("things") == {
        "certs": True,
        "wait": 2.5,
        "size": 9,
        "name": "x",
        "more": "no number",
    }
    assert conf.getsection("nobodys") is None


def test_a_timestamp_is_shown_in_a_named_zone() -> None:
    assert timezone.from_timestamp(0, "Asia/Tokyo").isoformat() == "1970-01-01T09:00:00+09:00"
    assert timezone.from_timestamp(0, "local") == timezone.from_timestamp(0)
