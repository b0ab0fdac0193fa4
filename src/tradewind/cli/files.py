"""Files that `import` reads and `export` writes: JSON, YAML or lines of KEY=VALUE; `-` is stdout."""

import json
from pathlib import Path
from typing import Any

import click
import yaml

from tradewind.model.errors import UserError

STDOUT = "-"
_BY_SUFFIX = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".env": "env"}


def form_of(path: str, named: str | None = None) -> str:
    """json, yaml or env: as named, else by the file's ending. Raises UserError."""
    form = named or _BY_SUFFIX.get(Path(path).suffix.lower())
    if form is None:
        if path == STDOUT:
            return "json"
        raise UserError(f"{path}: its name must end in .json, .yaml or .env")
    return form


def read(path: str, form: str) -> dict[str, Any]:
    """The object in the file. Raises UserError that names the file and what is wrong."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path} cannot be read: {reason}") from error
    try:
        data = _parse(text, form)
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{path} is not {form.upper()}: {reason}") from error
    if not isinstance(data, dict):
        raise UserError(f"{path} must hold one object of names and values")
    return data


def _parse(text: str, form: str) -> Any:
    if form == "json":
        return json.loads(text)
    if form == "yaml":
        return yaml.safe_load(text) or {}
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ValueError(f"line {number} has no '='")
        found[name.strip()] = value.strip()
    return found


def write(path: str, data: dict[str, Any], form: str) -> None:
    """Write the object (for `env`: of one-line texts). Only its owner may read the file."""
    if form == "json":
        text = json.dumps(data, indent=4, ensure_ascii=False) + "\n"
    elif form == "yaml":
        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    else:
        text = "".join(f"{name}={value}\n" for name, value in data.items())
    if path == STDOUT:
        click.echo(text, nl=False)
        return
    target = Path(path)
    try:
        target.touch(mode=0o600)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from error
