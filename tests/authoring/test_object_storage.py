"""ObjectStoragePath: where a path points, and what it says without fsspec."""

import sys

import pytest

from tradewind import ObjectStoragePath
from tradewind.authoring import object_storage
from tradewind.authoring.errors import AirflowOptionalProviderFeatureException


def test_a_path_knows_its_store_bucket_and_connection() -> None:
    path = ObjectStoragePath("s3://aws@lake/raw/day.csv")
    assert (path.protocol, path.conn_id, path.bucket, path.key) == (
        "s3",
        "aws",
        "lake",
        "raw/day.csv",
    )
    assert str(path) == "s3://aws@lake/raw/day.csv"
    assert path == ObjectStoragePath("s3://lake/raw/day.csv", conn_id="aws")
    assert path != ObjectStoragePath("s3://lake/raw/day.csv")
    assert path == ObjectStoragePath.deserialize(path.serialize(), 1)
    assert path.namespace == "s3://lake"


def test_paths_are_joined_and_parted_as_in_pathlib() -> None:
    folder = ObjectStoragePath("gs://lake/raw", conn_id="g")
    file = folder / "2024" / "day.csv"
    assert (str(file), file.conn_id) == ("gs://g@lake/raw/2024/day.csv", "g")
    assert (file.name, file.stem, file.suffix) == ("day.csv", "day", ".csv")
    assert file.parent == folder / "2024"
    assert file.relative_to(folder) == "2024/day.csv"
    assert str(file.with_suffix(".txt")) == "gs://g@lake/raw/2024/day.txt"
    assert file.samestore(folder)
    assert not file.samestore(ObjectStoragePath("gs://lake/raw"))
    assert str(ObjectStoragePath("/tmp/x") / "y") == "file:///tmp/x/y"


def test_it_says_what_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    object_storage._filesystem.cache_clear()
    with pytest.raises(
        AirflowOptionalProviderFeatureException, match=r"install tradewind\[fsspec\]"
    ):
        ObjectStoragePath("/tmp/x").exists()
