"""The http provider against a server on this machine."""

import json
from collections.abc import Callable

import pytest

from airflow.exceptions import AirflowException
from airflow.providers.http.hooks.http import HttpHook
from airflow.providers.http.operators.http import HttpOperator
from airflow.providers.http.sensors.http import HttpSensor
from airflow.sdk import DAG
from tests.with_providers.conftest import Heard, Run, WebServer


@pytest.fixture(autouse=True)
def connection(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """`http_default` is the server."""
    extra = {"X-Token": "t0ken"}
    fields = {"conn_type": "http", "host": web.address, "login": "me", "password": "pw"}
    monkeypatch.setenv("AIRFLOW_CONN_HTTP_DEFAULT", json.dumps({**fields, "extra": extra}))


def test_a_hook_sends_what_its_connection_says(web: WebServer) -> None:
    response = HttpHook(method="POST").run("things", data=json.dumps({"a": 1}))
    assert response.json() == {"ok": True}
    (heard,) = web.heard
    assert (heard.method, heard.path, json.loads(heard.body)) == ("POST", "/things", {"a": 1})
    assert heard.headers["X-Token"] == "t0ken"
    assert heard.headers["Authorization"].startswith("Basic ")


def test_a_refusal_is_an_exception(web: WebServer) -> None:
    web.answer = lambda _: (404, {})
    with pytest.raises(AirflowException, match="404"):
        HttpHook(method="GET").run("missing")


def test_operator_and_sensor_in_a_run(web: WebServer, run: Callable[[DAG], Run]) -> None:
    def answer(request: Heard) -> tuple[int, object]:
        ready = sum(each.path == "/ready" for each in web.heard)
        return (404, {}) if request.path == "/ready" and ready < 3 else (200, {"rows": [1, 2]})

    web.answer = answer
    with DAG("web", schedule=None) as dag:
        wait = HttpSensor(task_id="wait", endpoint="ready", poke_interval=0.01, method="GET")
        fetch = HttpOperator(
            task_id="fetch",
            endpoint="rows/{{ dag.dag_id }}",
            method="GET",
            response_check=lambda response: response.status_code == 200,
            response_filter=lambda response: sum(response.json()["rows"]),
        )
        wait >> fetch
    done = run(dag)
    assert done.states == {"wait": "success", "fetch": "success"}
    assert done.results["fetch"] == 3
    assert [each.path for each in web.heard] == ["/ready"] * 3 + ["/rows/web"]
