"""One thread, so that timings and results do not depend on the machine; hypothesis without a stopwatch."""

import hypothesis
import torch

torch.set_num_threads(1)
hypothesis.settings.register_profile("lossmith", deadline=None, max_examples=50, derandomize=True)
hypothesis.settings.load_profile("lossmith")
