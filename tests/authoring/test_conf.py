"""`conf`, where it cannot answer."""

import pytest

from tradewind import conf
from tradewind.authoring.errors import AirflowConfigException


def test_an_option_of_a_provider_is_said_to_be_its() -> None:
    with pytest.raises(AirflowConfigException, match="apache-airflow-providers-cncf-kubernetes"):
        conf.get("kubernetes_executor", "namespace")
    with pytest.raises(AirflowConfigException, match=r"\[odd/key\] not found in config$"):
        conf.get("odd", "key")
    assert conf.get("kubernetes_executor", "namespace", fallback="mine") == "mine"
