"""Which loss should I train with? Measured on your own data.

Names are imported when they are first used, so that `import lossmith` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lossmith._version import __version__

if TYPE_CHECKING:
    from lossmith import compose
    from lossmith.advisor.guide.guide import guide
    from lossmith.advisor.pipeline import advise
    from lossmith.advisor.verdict import Verdict
    from lossmith.checker.check import assert_sound, check
    from lossmith.citation import cite
    from lossmith.doctor.diagnosis import diagnose
    from lossmith.registry import catalogue, load
    from lossmith.rehearsal.preflight import preflight
    from lossmith.training.forecaster import Forecaster
    from lossmith.training.own.predictor import ModelPredictor, fit_model
    from lossmith.training.own.settings import OwnSettings
    from lossmith.training.predictor import Predictor, fit, fit_each
    from lossmith.training.problem import Candidate, Problem
    from lossmith.training.recording.recorder import Recorder

_HOMES = {
    "advise": "lossmith.advisor.pipeline",
    "guide": "lossmith.advisor.guide.guide",
    "Verdict": "lossmith.advisor.verdict",
    "check": "lossmith.checker.check",
    "assert_sound": "lossmith.checker.check",
    "cite": "lossmith.citation",
    "diagnose": "lossmith.doctor.diagnosis",
    "catalogue": "lossmith.registry",
    "compose": "lossmith.compose",
    "load": "lossmith.registry",
    "preflight": "lossmith.rehearsal.preflight",
    "fit": "lossmith.training.predictor",
    "fit_each": "lossmith.training.predictor",
    "fit_model": "lossmith.training.own.predictor",
    "ModelPredictor": "lossmith.training.own.predictor",
    "Forecaster": "lossmith.training.forecaster",
    "OwnSettings": "lossmith.training.own.settings",
    "Predictor": "lossmith.training.predictor",
    "Problem": "lossmith.training.problem",
    "Recorder": "lossmith.training.recording.recorder",
    "Candidate": "lossmith.training.problem",
}

__all__ = [
    "Candidate",
    "Forecaster",
    "ModelPredictor",
    "OwnSettings",
    "Predictor",
    "Problem",
    "Recorder",
    "Verdict",
    "__version__",
    "advise",
    "assert_sound",
    "catalogue",
    "check",
    "cite",
    "compose",
    "diagnose",
    "fit",
    "fit_each",
    "fit_model",
    "guide",
    "load",
    "preflight",
]


def __getattr__(name: str) -> Any:
    """Import the home of `name` the first time it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(_HOMES[name])
    value = home if _HOMES[name] == f"{__name__}.{name}" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
