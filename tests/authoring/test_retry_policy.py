"""Retry policies: which rule is for which exception."""

import logging

import pytest

from tradewind.authoring.retry_policy import RetryRule


def test_a_rule_for_a_class_that_is_not_there_matches_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rule = RetryRule(exception=["no_such_library.Error", "builtins.KeyError"])
    with caplog.at_level(logging.WARNING):
        assert rule.matches(KeyError("a"))
        assert not rule.matches(ValueError("a"))
    assert "no_such_library.Error matches nothing" in caplog.text


def test_what_is_no_exception_matches_nothing() -> None:
    assert not RetryRule(exception="os.path").matches(ValueError("a"))
