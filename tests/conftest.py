"""For all rooms: property tests without a clock (a busy machine is no bug), signals as a terminal leaves them."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

os.environ["CODEMODE_ENGINE"] = "private"  # a test that is about the shared engine says so
# Several engines compute side by side: threads of one would only wait for those of another, and busily.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_configure() -> None:
    """Programs that the tests start inherit ignored signals (of ``nohup``, of a job in the background): none here."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first, or one would be left for the end, on one processor."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
