"""Old verbs and flags, and what they are today."""

import pytest

from tradewind.cli.legacy import translate
from tradewind.model.errors import UserError


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("initdb", "db migrate"),
        ("upgradedb", "db migrate"),
        ("db init", "db migrate"),
        ("db upgrade", "db migrate"),
        ("webserver -p 8081 --hostname 0.0.0.0 -D", "api-server -p 8081 --host 0.0.0.0"),
        ("list_dags -sd /dags", "dags list"),
        ("list_tasks my_dag --tree", "tasks list my_dag"),
        ("pause my_dag", "dags pause my_dag"),
        ("unpause my_dag", "dags unpause my_dag"),
        (
            "trigger_dag my_dag -e 2024-01-01 --run_id r1 -c {}",
            "dags trigger my_dag --logical-date 2024-01-01 --run-id r1 -c {}",
        ),
        (
            "dags trigger my_dag --exec-date=2024-01-01",
            "dags trigger my_dag --logical-date=2024-01-01",
        ),
        ("test my_dag t1 2024-01-01", "tasks test my_dag t1 2024-01-01"),
        ("list_dag_runs my_dag --state failed", "dags list-runs my_dag --state failed"),
        ("dags list-runs -d my_dag", "dags list-runs my_dag"),
        (
            "backfill -s 2024-01-01 -e 2024-01-31 my_dag",
            "backfill -s 2024-01-01 -e 2024-01-31 my_dag",
        ),
        (
            "backfill my_dag --start_date 2024-01-01 --end_date 2024-01-02 --reset_dagruns -y",
            "backfill my_dag --start_date 2024-01-01 --end_date 2024-01-02 --reset_dagruns -y",
        ),
        (
            "dags backfill -s 2024-01-01 -e 2024-01-02 --subdir /dags my_dag",
            "backfill -s 2024-01-01 -e 2024-01-02 --subdir /dags my_dag",
        ),
        ("backfill my_dag -dr -sd /dags", "backfill my_dag --dry-run --subdir /dags"),
        ("backfill create --dag-id d --from-date a", "backfill create --dag-id d --from-date a"),
        ("variables -s key value", "variables set key value"),
        ("variables --get key", "variables get key"),
        ("connections -l", "connections list"),
        (
            "connections -a --conn_id c1 --conn_uri http://host",
            "connections add c1 --conn-uri http://host",
        ),
        ("connections -d --conn_id c1", "connections delete c1"),
        ("pool -s name 3 text", "pools set name 3 text"),
        ("clear my_dag -t extract -c", "tasks clear my_dag -t extract --yes"),
        ("dags list", "dags list"),
        ("connections --help", "connections --help"),
        ("", ""),
    ],
)
def test_old_words_become_todays(old: str, today: str) -> None:
    assert " ".join(translate(old.split())[0]) == today


def test_a_note_says_what_the_verb_is_called_today() -> None:
    assert translate(["initdb"])[1] == ["Note: `initdb` is `db migrate` today."]
    assert translate(["dags", "list"])[1] == []


def test_a_flag_without_effect_is_named() -> None:
    assert translate(["dags", "list", "-S", "/dags"])[1] == ["Note: -S has no effect any more."]


def test_a_verb_without_counterpart_says_what_to_do() -> None:
    with pytest.raises(UserError, match="tasks test"):
        translate(["run", "d", "t", "2024-01-01"])
    with pytest.raises(UserError, match="admin"):
        translate(["users", "create", "--username", "me"])
    with pytest.raises(UserError, match="`db reset` has no counterpart: stop Tradewind"):
        translate(["db", "reset", "-y"])
    with pytest.raises(UserError, match="`worker` has no counterpart"):
        translate(["worker"])
