"""NumPy functions and Keras losses go through the whole check."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from lossmith.checker.check import check
from lossmith.checker.examine import ABOUT_GRADIENTS, known

SOUND = {"lower_bound": 0.0, "minimum_at_perfect": True, "monotone": True, "reduction": "mean"}
PAIR = {"y_pred": "real n d", "y_true": "real n d"}


def squared(y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2)


def negated(y_pred, y_true):
    return -np.mean((y_pred - y_true) ** 2)


def overwriting(y_pred, y_true):
    y_pred -= y_true
    return np.mean(y_pred**2)


def unbounded(y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2) - 1.0


def rules(loss, inputs, claims, **options):
    return [f.rule for f in check(loss, inputs, claims, isolated=False, **options).findings]


def test_a_sound_numpy_loss_passes_and_the_report_says_what_is_off():
    found = check(squared, PAIR, {**SOUND, "convex": True, "strong_gradient_when_wrong": True}, isolated=False)
    assert found.findings == ()
    (sentence,) = found.skipped
    assert all(rule in sentence for rule in ABOUT_GRADIENTS)
    assert set(ABOUT_GRADIENTS) <= set(known())


@pytest.mark.parametrize(
    ("loss", "rule"), [(negated, "wrong-sign"), (overwriting, "inplace-input"), (unbounded, "below-bound")]
)
def test_faults_of_numpy_losses_are_named_with_arrays_as_witness(loss, rule):
    claims = {"lower_bound": 0.0} if rule == "below-bound" else SOUND
    found = check(loss, PAIR, claims, isolated=False).findings
    assert found[0].rule == rule
    names = {loss.__name__: loss}
    exec(found[0].witness, names)
    assert isinstance(names["y_pred"], np.ndarray)


def test_slopes_of_a_numpy_loss_are_finite_differences():
    def robust(y_pred, y_true):
        return np.mean((y_pred - y_true) ** 2)

    assert "not-robust" in rules(robust, PAIR, {"robust": True})

    def score(real_score, fake_score):
        return np.mean(real_score) - np.mean(fake_score)

    inputs = {"real_score": "logits n", "fake_score": "logits n"}
    assert rules(score, inputs, {"direction": "decreasing in real_score, increasing in fake_score"}) == ["wrong-sign"]
    assert rules(score, inputs, {"direction": "increasing in real_score, decreasing in fake_score"}) == []


OWN = """
import keras
from keras import ops

class Squared(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.square(y_pred - y_true), axis=-1)

class Negated(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return -ops.mean(ops.square(y_pred - y_true), axis=-1)

class Stopped(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return ops.mean(ops.stop_gradient(ops.square(y_pred - y_true)), axis=-1)
"""


@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="Keras is not installed")
def test_keras_losses_are_checked_on_the_torch_backend(tmp_path, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)  # the child chooses torch by itself
    (tmp_path / "own.py").write_text(OWN)
    claims = {"lower_bound": 0.0, "minimum_at_perfect": True}
    for name, wanted in (("Squared", []), ("Negated", ["wrong-sign"]), ("Stopped", ["gradient-cut"])):
        found = check(f"{tmp_path / 'own.py'}:{name}", PAIR, claims)
        assert [f.rule for f in found.findings] == wanted
        assert "Keras" in found.assumed[0]
        for finding in found.findings:  # to paste: the target comes first, on the torch backend
            run = subprocess.run([sys.executable, "-c", finding.witness], capture_output=True, text=True, timeout=120)
            assert run.returncode == 0, run.stderr
            assert "loss(y_true, y_pred)" in finding.witness
    assert check("keras.losses.Huber", PAIR, {**claims, "convex": True, "robust": True}).errors == ()
    bce = check("keras.losses.BinaryCrossentropy", None, {"lower_bound": 0.0, "proper": True},
                input="probabilities", target="binary01", shape="n c")  # fmt: skip
    assert bce.errors == ()
