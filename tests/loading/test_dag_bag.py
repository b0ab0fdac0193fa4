"""DagBag: what people's own tests of their DAG files use."""

from pathlib import Path

import pytest

from tradewind.loading.dag_bag import DagBag

GOOD = "from tradewind import DAG\nwith DAG('{id}'):\n    pass\n"


def test_a_folder_is_read_and_errors_are_kept_by_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD.format(id="a"))
    (tmp_path / "b.py").write_text(
        "from tradewind import DAG\ndag = DAG('b', schedule='no cron')\n"
    )
    (tmp_path / "note.py").write_text("print('no dags here')\n")
    bag = DagBag(dag_folder=str(tmp_path), include_examples=False)
    assert bag.dag_ids == ["a"]
    assert bag.size() == 1
    dag = bag.get_dag("a")
    assert dag is not None
    assert dag.fileloc == str(tmp_path / "a.py")
    assert bag.get_dag("b") is None
    assert list(bag.import_errors) == [str(tmp_path / "b.py")]
    assert "b.py:2" in bag.import_errors[str(tmp_path / "b.py")]
    assert bag.dagbag_report().count("\n") == 1


def test_one_id_in_two_files_is_an_error_of_the_second(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(GOOD.format(id="same"))
    (tmp_path / "b.py").write_text(GOOD.format(id="same"))
    bag = DagBag(tmp_path)
    assert "is in" in bag.import_errors[str(tmp_path / "b.py")]


def test_one_file_may_be_the_folder(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(GOOD.format(id="a"))
    assert DagBag(file).dag_ids == ["a"]
    file.write_text("raise ValueError('now')  # dag airflow\n")
    bag = DagBag(file, collect_dags=False)
    assert bag.process_file(str(file)) == []
    assert "now" in bag.import_errors[str(file)]
    with pytest.raises(FileNotFoundError):
        DagBag(tmp_path / "nothing")
