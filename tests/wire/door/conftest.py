"""One world for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from wire_door import Door


@pytest.fixture
def door(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Door]:
    marker = request.node.get_closest_marker("setup")
    found = Door(tmp_path, setup=marker.kwargs if marker else None)
    yield found
    found.stop()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "setup(**knobs): the knobs of this test's world")
