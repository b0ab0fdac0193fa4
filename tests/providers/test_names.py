"""What a user calls a provider becomes what an installer is asked for."""

import pytest

from tradewind.cli.providers.names import distribution, requirement
from tradewind.model.errors import UserError


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("http", "apache-airflow-providers-http"),
        ("common.sql", "apache-airflow-providers-common-sql"),
        ("common_sql", "apache-airflow-providers-common-sql"),
        ("Common-SQL", "apache-airflow-providers-common-sql"),
        ("http==6.3.0", "apache-airflow-providers-http==6.3.0"),
        ("amazon[s3fs, pandas] >= 9, < 10", "apache-airflow-providers-amazon[s3fs,pandas]>=9,<10"),
        ("apache-airflow-providers-ssh~=7.0", "apache-airflow-providers-ssh~=7.0"),
        ("airflow-provider-duckdb", "airflow-provider-duckdb"),
        ("acryl-datahub-airflow-plugin", "acryl-datahub-airflow-plugin"),
    ],
)
def test_short_and_whole_names(said: str, asked: str) -> None:
    assert requirement(said) == asked


@pytest.mark.parametrize("said", ["", "--pre", "http==", "http;x", "a b", "http@/tmp", "../x"])
def test_nonsense_is_refused(said: str) -> None:
    with pytest.raises(UserError, match="is no provider"):
        requirement(said)


def test_no_other_package_is_ever_meant_by_a_short_name() -> None:
    assert distribution("htpp") == "apache-airflow-providers-htpp"
