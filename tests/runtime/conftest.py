"""A supervisor of its own for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.partner import Partner, make_settings


@pytest.fixture
def partner(tmp_path: Path) -> Iterator[Partner]:
    """A scheduler's stand-in with a running supervisor."""
    partner = Partner(make_settings(tmp_path))
    partner.start()
    yield partner
    partner.stop()
