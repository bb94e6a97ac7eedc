"""Addresses of losses: `file.py:Name`, `package.module:name`, `lossmith:name`."""

import difflib
from pathlib import Path


def parted(address: str) -> tuple[str, str]:
    """Return the module or file of a loss, and its name.

    The name is empty if only a file is said.

    Raises:
        ValueError: it is a bare name.
    """
    if ":" in address and address[1:3] != ":\\":  # a drive is no module
        module, _, name = address.rpartition(":")
        return module, name
    if address.endswith(".py"):
        return address, ""
    module, _, name = address.rpartition(".")
    if not module:
        raise ValueError(f"A loss should be said with where it lives. Found {address!r}. Try {_nearest(address)}.")
    return module, name


def whole(address: str) -> str:
    """Return the address of a loss in a file with the file's whole path."""
    file, name = parted(address)
    return f"{Path(file).resolve()}:{name}" if file.endswith(".py") else address


def _nearest(name: str) -> str:
    """Return the addresses that a bare name may stand for."""
    from lossmith import registry

    losses = registry.index()["losses"]
    near = [name] if name in losses else difflib.get_close_matches(name, losses, 1)
    return f"lossmith:{near[0]} or file.py:{name}" if near else f"file.py:{name} or package.module:{name}"
