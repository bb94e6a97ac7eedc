"""Tensors stay on one device.

What it finds: a tensor of the loss that does not follow `.to(device)`, or one made inside on the CPU.
Why it matters: the loss fails on the GPU, and `state_dict` does not hold it.
Fix: `self.register_buffer(name, tensor)`; inside, `torch.zeros(..., device=x.device)` or `x.new_zeros(...)`.
"""

import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from lossmith.checker.case import Case
from lossmith.checker.found import Found


def find(case: Case) -> Found | None:
    """Move the loss and its inputs to the meta device."""
    module = case.module
    promised = case.promised("follows_to", "follows_input_device")
    if module is not None:
        moved = module.to("meta")
        left = [k for k, v in vars(moved).items() if isinstance(v, torch.Tensor) and v.device.type != "meta"]
        if left and promised:
            return Found(f"`{left[0]}` stays on the CPU when the loss is moved: it is no buffer.", case.ordinary[0])
        if left:
            told = f"`{left[0]}` is a plain attribute: it does not follow .to(device) and is not saved."
            return Found(told, case.ordinary[0], severity="note")
    if not promised:
        return None  # some kernels end the process on the meta device
    outcome = case.call([x.to("meta") for x in case.ordinary[0]], module)
    if outcome.error is not None and "device" in str(outcome.error).lower():
        return Found(f"On another device it fails: {str(outcome.error).splitlines()[0][:160]}", case.ordinary[0])
    if outcome.value is not None and outcome.value.device.type != "meta":
        return Found("The value is not on the device of the inputs.", case.ordinary[0])
    said = _mixed(case) if outcome.error is not None and promised else ""
    return Found(f"On another device it fails: {said}", case.ordinary[0]) if said else None


def _mixed(case: Case) -> str:
    """Say which devices meet on a pretended GPU; empty if that cannot be told.

    Copies to the CPU work there, as they do on a real one and do not on the meta device.
    """
    if case.module is not None and any(True for _ in case.module.state_dict()):
        return ""
    with FakeTensorMode(allow_non_fake_inputs=True) as mode:
        inputs = [FakeTensor(mode, x.to("meta"), torch.device("cuda")) for x in case.ordinary[0]]
        error = case.call(inputs).error
    said = "" if error is None else str(error).splitlines()[0][:160]
    return said if "two devices" in said else ""
