"""What holds for all tests: which may be slow, and how many."""

from __future__ import annotations

import pytest

MOST_SLOW = 40  # `make test` leaves them out, so that whoever runs it alone must still see nearly everything


@pytest.hookimpl(tryfirst=True)  # before -m takes the slow ones away
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = [item for item in items if item.get_closest_marker("slow")]
    if contract := [item.nodeid for item in slow if "contract" in item.path.name]:
        raise pytest.UsageError(f"a contract test is never slow: {contract[0]}")
    if len(slow) > MOST_SLOW:
        raise pytest.UsageError(f"{len(slow)} tests are marked slow, at most {MOST_SLOW} may be")
