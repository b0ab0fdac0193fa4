"""Small wheels, for a package index in a folder."""

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    entry_points: str = "",
) -> Path:
    """A wheel of a few text files."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    head = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    contents = {
        **(files or {}),
        f"{info}/METADATA": "\n".join(
            [*head, *(f"Requires-Dist: {each}" for each in requires), ""]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": entry_points,
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in contents.items())
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name_in, text in contents.items():
            archive.writestr(name_in, text)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def write_provider(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    more: Mapping[str, object] | None = None,
) -> Path:
    """A wheel laid out as Apache's providers are, with one hook; `more` of its description."""
    package = f"airflow/providers/{name}"
    module = package.replace("/", ".")
    info = {
        "package-name": f"apache-airflow-providers-{name}",
        "name": name,
        "description": f"`All of {name} <https://example.invalid>`__\n",
        "hooks": [{"integration-name": name, "python-modules": [f"{module}.hook"]}],
        "connection-types": [
            {"connection-type": name, "hook-class-name": f"{module}.hook.{name.title()}Hook"}
        ],
        **(more or {}),
    }
    return write_wheel(
        folder,
        f"apache-airflow-providers-{name}",
        version,
        requires=["apache-airflow>=2.11.0", *requires],
        files={
            f"{package}/__init__.py": "from airflow import __version__\n",
            f"{package}/hook.py": "from airflow.sdk import BaseHook\n\n"
            f"class {name.title()}Hook(BaseHook):\n    conn_type = {name!r}\n",
            f"{package}/get_provider_info.py": f"def get_provider_info():\n    return {info!r}\n",
        },
        entry_points="[apache_airflow_provider]\n"
        f"provider_info = {module}.get_provider_info:get_provider_info\n",
    )


def unpack(wheel: Path, folder: Path) -> None:
    """What an installer does with it, more or less."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)


def _digest(text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
    return f"sha256={digest.rstrip(b'=').decode()}"
