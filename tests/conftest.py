"""One thread, so that timings and results do not depend on the machine; hypothesis without a stopwatch."""

import hypothesis
import pytest
import torch

from lossmith.advisor import schedule

torch.set_num_threads(1)
hypothesis.settings.register_profile("lossmith", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.load_profile("lossmith")


@pytest.fixture(autouse=True)
def _folds_drawn_once(monkeypatch):
    """Small tables leave a budget time for repeats; a test that wants them asks for them."""
    monkeypatch.setattr(schedule, "MOST_REPEATS", 1)
