"""The engines run once for all tests, side by side."""

from __future__ import annotations

from collections.abc import Iterator

import engines
import pytest


@pytest.fixture(scope="session")
def reference() -> engines.Reference:
    return engines.Reference()


@pytest.fixture(scope="session")
def others() -> Iterator[list[engines.StepFunctions]]:
    with engines.moto() as moto, engines.ministack() as ministack:
        yield [moto, ministack]
