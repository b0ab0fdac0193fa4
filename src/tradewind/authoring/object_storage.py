"""ObjectStoragePath: paths in object stores and on disk, all with the methods of pathlib.

fsspec does the work; which of its filesystems a scheme means, provider packages say.
"""

import importlib
import shutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import PurePosixPath
from typing import IO, Any, ClassVar
from urllib.parse import urlsplit

from tradewind.authoring.errors import AirflowOptionalProviderFeatureException

_LOCAL = ("file", "local")
_BLOCK = 1024 * 1024


class ObjectStoragePath:
    """`ObjectStoragePath("s3://conn_id@bucket/key")`; the conn_id may also be an argument."""

    __module__ = "airflow.sdk.io.path"
    __version__: ClassVar[int] = 1

    sep: ClassVar[str] = "/"
    root_marker: ClassVar[str] = "/"

    def __init__(
        self,
        *args: "str | ObjectStoragePath",
        protocol: str | None = None,
        conn_id: str | None = None,
        **storage_options: Any,
    ) -> None:
        first, *more = args or ("",)
        if isinstance(first, ObjectStoragePath):
            conn_id = conn_id or first.conn_id
            storage_options = {**first.storage_options, **storage_options}
        parts = urlsplit(str(first)) if "://" in str(first) else None
        self.protocol: str = parts.scheme.lower() if parts is not None else protocol or "file"
        place = str(first) if parts is None else f"{parts.netloc}{parts.path}"
        if "@" in (parts.netloc if parts is not None else ""):
            named, place = place.split("@", 1)
            conn_id = conn_id or named
        self.conn_id: str | None = conn_id
        self.storage_options: dict[str, Any] = storage_options
        self._place = PurePosixPath(place, *map(str, more))

    # --- where it is ------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The place within the filesystem."""
        return str(self._place)

    @property
    def fs(self) -> Any:
        """The filesystem."""
        return _filesystem(self.protocol, self.conn_id, tuple(sorted(self.storage_options.items())))

    @property
    def container(self) -> str:
        """The bucket."""
        return "" if self.protocol in _LOCAL else self._place.parts[0]

    bucket = container

    @property
    def key(self) -> str:
        """The place within the bucket."""
        if self.protocol in _LOCAL:
            return self.path
        return "/".join(self._place.parts[1:])

    @property
    def namespace(self) -> str:
        """Scheme and bucket."""
        return f"{self.protocol}://{self.container}"

    @property
    def name(self) -> str:
        """The last part."""
        return self._place.name

    @property
    def stem(self) -> str:
        """The last part without its suffix."""
        return self._place.stem

    @property
    def suffix(self) -> str:
        """The suffix of the last part."""
        return self._place.suffix

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts."""
        return self._place.parts

    @property
    def parent(self) -> "ObjectStoragePath":
        """The folder it lies in."""
        return self._at(self._place.parent)

    def joinpath(self, *parts: str) -> "ObjectStoragePath":
        """A place below."""
        return self._at(self._place.joinpath(*parts))

    def __truediv__(self, part: str) -> "ObjectStoragePath":
        return self.joinpath(str(part))

    def with_name(self, name: str) -> "ObjectStoragePath":
        """The same with another last part."""
        return self._at(self._place.with_name(name))

    def with_suffix(self, suffix: str) -> "ObjectStoragePath":
        """The same with another suffix."""
        return self._at(self._place.with_suffix(suffix))

    def relative_to(self, other: "ObjectStoragePath | str") -> str:
        """The rest of the place after `other`. Raises ValueError."""
        base = other._place if isinstance(other, ObjectStoragePath) else PurePosixPath(other)
        return str(self._place.relative_to(base))

    def _at(self, place: PurePosixPath | str) -> "ObjectStoragePath":
        moved = ObjectStoragePath(conn_id=self.conn_id, **self.storage_options)
        moved.protocol = self.protocol
        is_local = self.protocol in _LOCAL
        moved._place = PurePosixPath(place if is_local else str(place).lstrip("/"))
        return moved

    # --- what is there ----------------------------------------------------------------------

    def open(self, mode: str = "r", **kwargs: Any) -> IO[Any]:
        """The file, opened."""
        opened: IO[Any] = self.fs.open(self.path, mode=mode, **kwargs)
        return opened

    def read_text(self, encoding: str = "utf-8", **kwargs: Any) -> str:
        """The file as text."""
        text: str = self.fs.read_text(self.path, encoding=encoding, **kwargs)
        return text

    def read_bytes(self) -> bytes:
        """The file as bytes."""
        data: bytes = self.fs.cat_file(self.path)
        return data

    def write_text(self, data: str, encoding: str = "utf-8", **_: Any) -> int:
        """Write text; the answer is its length in bytes."""
        return self.write_bytes(data.encode(encoding))

    def write_bytes(self, data: bytes) -> int:
        """Write bytes; the answer is how many."""
        self.fs.pipe_file(self.path, data)
        return len(data)

    def exists(self) -> bool:
        """Whether there is something."""
        return bool(self.fs.exists(self.path))

    def is_file(self) -> bool:
        """Whether it is a file."""
        return bool(self.fs.isfile(self.path))

    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return bool(self.fs.isdir(self.path))

    def iterdir(self) -> "Iterator[ObjectStoragePath]":
        """What lies in the folder."""
        for found in self.fs.ls(self.path, detail=False):
            yield self._at(self.fs._strip_protocol(found))

    def glob(self, pattern: str) -> "Iterator[ObjectStoragePath]":
        """What matches below."""
        for found in self.fs.glob(f"{self.path.rstrip('/')}/{pattern}"):
            yield self._at(self.fs._strip_protocol(found))

    def rglob(self, pattern: str) -> "Iterator[ObjectStoragePath]":
        """What matches however far below."""
        return self.glob(f"**/{pattern}")

    def stat(self) -> dict[str, Any]:
        """Facts of the file, with its conn_id and protocol."""
        return {**self.fs.info(self.path), "conn_id": self.conn_id, "protocol": self.protocol}

    def size(self) -> int:
        """Bytes."""
        return int(self.fs.size(self.path))

    def checksum(self) -> int:
        """A number that changes with the file."""
        return int(self.fs.checksum(self.path))

    def ukey(self) -> str:
        """A text that changes with the file."""
        return str(self.fs.ukey(self.path))

    def read_block(self, offset: int, length: int, delimiter: bytes | None = None) -> bytes:
        """A part of the file."""
        block: bytes = self.fs.read_block(self.path, offset, length, delimiter=delimiter)
        return block

    def sign(self, expiration: int = 100, **kwargs: Any) -> str:
        """An address that anybody may read for `expiration` seconds."""
        return str(self.fs.sign(self.path, expiration, **kwargs))

    # --- changing it ------------------------------------------------------------------------

    def mkdir(self, mode: int = 0o777, parents: bool = False, exist_ok: bool = False) -> None:
        """Make a folder."""
        if parents:
            self.fs.makedirs(self.path, exist_ok=exist_ok)
        elif not (exist_ok and self.is_dir()):
            self.fs.mkdir(self.path, create_parents=False)

    def touch(self, truncate: bool = True) -> None:
        """Make an empty file."""
        self.fs.touch(self.path, truncate=truncate)

    def unlink(self, missing_ok: bool = False) -> None:
        """Remove the file."""
        if not (missing_ok and not self.exists()):
            self.fs.rm_file(self.path)

    def rmdir(self, recursive: bool = True) -> None:
        """Remove the folder."""
        self.fs.rm(self.path, recursive=recursive)

    def replace(self, target: "str | ObjectStoragePath") -> "ObjectStoragePath":
        """Move it to `target`, within its filesystem."""
        return self.rename(target)

    def rename(self, target: "str | ObjectStoragePath") -> "ObjectStoragePath":
        """Move it to `target`, within its filesystem."""
        other = target if isinstance(target, ObjectStoragePath) else self._at(target)
        self.fs.mv(self.path, other.path, recursive=True)
        return other

    def samestore(self, other: Any) -> bool:
        """Whether another path lies in the same filesystem."""
        return isinstance(other, ObjectStoragePath) and (
            (self.protocol, self.conn_id) == (other.protocol, other.conn_id)
        )

    def samefile(self, other_path: Any) -> bool:
        """Whether another path is this one."""
        return isinstance(other_path, ObjectStoragePath) and self == other_path

    def copy(self, dst: "str | ObjectStoragePath", recursive: bool = False, **_: Any) -> None:
        """Copy the file, or with `recursive` the folder, also to another store."""
        target = dst if isinstance(dst, ObjectStoragePath) else ObjectStoragePath(dst)
        if self.samestore(target):
            self.fs.copy(self.path, target.path, recursive=recursive)
            return
        if self.is_dir():
            if not recursive:
                raise ValueError(f"{self} is a folder: copy(..., recursive=True) copies it")
            for found in self.fs.find(self.path):
                file = self._at(self.fs._strip_protocol(found))
                file._copy_file(target / file.relative_to(self.parent))
            return
        self._copy_file(target / self.name if target.is_dir() else target)

    def _copy_file(self, target: "ObjectStoragePath") -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.open("rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, _BLOCK)

    def move(self, path: "str | ObjectStoragePath", recursive: bool = False, **_: Any) -> None:
        """Copy it and remove it here."""
        self.copy(path, recursive=recursive)
        if self.is_dir():
            self.rmdir(recursive=recursive)
        else:
            self.unlink()

    # --- as data ----------------------------------------------------------------------------

    def serialize(self) -> dict[str, Any]:
        """The path as data."""
        return {"path": str(self), "conn_id": self.conn_id, "kwargs": self.storage_options}

    @classmethod
    def deserialize(cls, data: dict[str, Any], version: int) -> "ObjectStoragePath":
        """The path that `serialize` made data of. Raises ValueError for a newer version's."""
        if version > cls.__version__:
            raise ValueError(f"an ObjectStoragePath of version {version} cannot be read here")
        return cls(data["path"], conn_id=data.get("conn_id"), **data.get("kwargs", {}))

    def __str__(self) -> str:
        login = f"{self.conn_id}@" if self.conn_id and self.protocol not in _LOCAL else ""
        return f"{self.protocol}://{login}{self.path}"

    def __fspath__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectStoragePath) and self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash(self._facts())

    def _facts(self) -> tuple[str, str | None, PurePosixPath]:
        return self.protocol, self.conn_id, self._place

    def __repr__(self) -> str:
        return f"ObjectStoragePath({self.path!r}, protocol={self.protocol!r})"


@cache
def _filesystem(protocol: str, conn_id: str | None, options: tuple[tuple[str, Any], ...]) -> Any:
    """The fsspec filesystem of a scheme. Raises AirflowOptionalProviderFeatureException."""
    try:
        fsspec = importlib.import_module("fsspec")
    except ImportError:
        raise AirflowOptionalProviderFeatureException(
            "ObjectStoragePath needs fsspec: install tradewind[fsspec]"
        ) from None
    if protocol in _LOCAL:
        return fsspec.filesystem("file")
    get_fs = _of_providers().get(protocol)
    if get_fs is not None:
        return get_fs(conn_id, dict(options))
    if conn_id is not None:
        raise AirflowOptionalProviderFeatureException(
            f"no provider package that is installed has a filesystem for {protocol}://: "
            f"the connection {conn_id!r} cannot be used"
        )
    return fsspec.filesystem(protocol, **dict(options))


@cache
def _of_providers() -> dict[str, Any]:
    """What makes the filesystem of each scheme that an installed provider package names."""
    found = {}
    for provider in entry_points(group="apache_airflow_provider"):
        for path in provider.load()().get("filesystems", ()):
            module = importlib.import_module(path)
            found.update(dict.fromkeys(module.schemes, module.get_fs))
    return found
