from pathlib import Path

import pytest

from tests.web.browsing import Town, Visitor, finish, join, new_town


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return new_town(tmp_path)


@pytest.fixture
def person(town: Town) -> Visitor:
    """Somebody who joined and finished."""
    visitor = town.visitor()
    join(visitor, town.invitation())
    finish(visitor)
    return visitor
