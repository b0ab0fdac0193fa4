"""The slack provider against a server on this machine that answers as Slack does."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest

from airflow.providers.slack.hooks.slack import SlackHook
from airflow.providers.slack.hooks.slack_webhook import SlackWebhookHook
from airflow.providers.slack.operators.slack import SlackAPIPostOperator
from airflow.sdk import DAG
from tests.with_providers.conftest import Run, WebServer


def test_a_message_is_posted_in_a_run(
    web: WebServer, run: Callable[[DAG], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SLACK_API_DEFAULT", "slack://:xoxb-secret@")
    web.answer = lambda _: (200, {"ok": True, "ts": "1.2", "channel": "C1"})
    with DAG("news", schedule=None) as dag:
        SlackAPIPostOperator(
            task_id="post",
            channel="#general",
            text="{{ dag.dag_id }} is done",
            base_url=f"{web.address}/api/",
        )
    assert run(dag).states == {"post": "success"}
    (heard,) = web.heard
    assert heard.path == "/api/chat.postMessage"
    assert heard.headers["Authorization"] == "Bearer xoxb-secret"
    text = heard.body.decode()
    sent = (
        json.loads(text) if text.startswith("{") else {k: v[0] for k, v in parse_qs(text).items()}
    )
    assert (sent["channel"], sent["text"]) == ("#general", "news is done")


def test_the_hook_tests_its_connection(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = json.dumps({"base_url": f"{web.address}/api/"})
    fields = {"conn_type": "slack", "password": "xoxb-secret", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_MINE", json.dumps(fields))
    web.answer = lambda _: (200, {"ok": False, "error": "invalid_auth"})
    passed, message = SlackHook(slack_conn_id="mine").test_connection()
    assert not passed and "invalid_auth" in message


def test_a_webhook_posts(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"conn_type": "slackwebhook", "password": f"{web.address}/services/T/B/x"}
    monkeypatch.setenv("AIRFLOW_CONN_HOOK", json.dumps(fields))
    SlackWebhookHook(slack_webhook_conn_id="hook").send_text("hello")
    (heard,) = web.heard
    assert (heard.path, json.loads(heard.body)["text"]) == ("/services/T/B/x", "hello")
