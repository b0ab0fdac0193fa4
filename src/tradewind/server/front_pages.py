"""What a browser finds before there is a user interface: `/`, and every route at `/docs`.

Self-contained: no script, and nothing is loaded from elsewhere.
"""

from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from tradewind.model.version import VERSION

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
code {{ font: 13px ui-monospace, monospace }}
table {{ border-collapse: collapse; width: 100% }}
td {{ padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top }}
</style>
<h1>{title}</h1>
{body}
"""

_FRONT = """<p>Version {version} is running. Its pages come in a later version; until then there is
the command <code>tradewind</code> and the REST API, with the paths and fields of Airflow's v2.</p>
<ul>
<li><a href="/docs">Every route</a>, and the same as <a href="/openapi.json">OpenAPI</a></li>
<li><a href="/api/v2/monitor/health">Health</a> of every component</li>
<li><code>tradewind dags list</code>, <code>tradewind dags trigger DAG_ID</code>,
<code>tradewind tasks logs DAG_ID RUN_ID TASK_ID</code></li>
</ul>
<p><code>POST /auth/token</code> with <code>{{"username": …, "password": …}}</code> gives the token
that the routes ask for: <code>Authorization: Bearer TOKEN</code>.</p>
"""


@router.get("/")
def front() -> str:
    """What is running here, and where to go on."""
    return _FRAME.format(title="Tradewind", body=_FRONT.format(version=VERSION))


@router.get("/docs")
def every_route(request: Request) -> str:
    """The routes by subject, with what each does."""
    app: FastAPI = request.app
    subjects: dict[str, list[str]] = {}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            subject = operation.get("tags", ["Other"])[-1]
            subjects.setdefault(subject, []).append(_row(method, path, operation))
    body = "".join(
        f"<h2>{escape(subject)}</h2><table>{''.join(rows)}</table>"
        for subject, rows in sorted(subjects.items())
    )
    return _FRAME.format(title="Tradewind: every route", body=body)


def _row(method: str, path: str, operation: dict[str, Any]) -> str:
    says = operation.get("description") or operation.get("summary", "")
    route = f"<code>{method.upper()} {escape(path)}</code>"
    return f"<tr><td>{route}</td><td>{escape(says)}</td></tr>"
