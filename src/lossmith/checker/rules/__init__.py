"""One rule, one file: each names a fault, finds it by experiment, and shows it."""

import pkgutil


def files() -> list[str]:
    """Return the names of the rules' files."""
    return [module.name for module in pkgutil.iter_modules(__path__)]
