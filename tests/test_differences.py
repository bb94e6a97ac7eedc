"""docs/differences.md: every number is computed again where its library is installed."""

import math
from pathlib import Path

import pytest
from benchmarks.differences.__main__ import key, markdown, stored
from benchmarks.differences.number import OURS
from benchmarks.differences.topics import TOPICS

NUMBERS = {key(topic.name, number): number for topic in TOPICS for number in topic.numbers}
PAGE = Path(__file__).parent.parent / "docs/differences.md"


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_what_the_library_gives(name):
    number = NUMBERS[name]
    if not number.there:
        pytest.skip(f"{number.library} is not installed, or has no such loss yet")
    if number.library == OURS and name not in stored():
        pytest.skip("not on the page yet: run python -m benchmarks.differences --markdown docs/differences.md")
    wanted = float(str(stored()[name]["value"]))
    if math.isinf(wanted):
        assert number.compute() == wanted
    else:
        assert number.compute() == pytest.approx(wanted, rel=1e-4, abs=1e-6)


def test_the_page_shows_the_numbers_that_are_stored():
    assert PAGE.read_text() == markdown(stored())
    assert set(stored()) <= set(NUMBERS)


def test_every_topic_has_torch_or_ours_and_two_numbers():
    for topic in TOPICS:
        assert len(topic.numbers) >= 2
        assert any(number.library in ("torch", OURS) for number in topic.numbers)


@pytest.mark.parametrize(
    ("name", "by_hand"),
    [
        # |r| = 5, delta = 2: 2·(5 − 1). Smooth L1 is that over 2.
        ("Huber and smooth L1 | torch | nn.HuberLoss(delta=2)", 8.0),
        ("Huber and smooth L1 | torch | nn.SmoothL1Loss(beta=2)", 4.0),
        ("Huber and smooth L1 | lossmith | HuberLoss(delta=2.0)", 8.0),
        # KL(p‖q) = 0.7 log 1.4 + 0.2 log (2/3) + 0.1 log 0.5, and the same with the two swapped.
        ("Kullback–Leibler divergence | keras | losses.KLDivergence()", 0.085123),
        ("Kullback–Leibler divergence | torch | the same with p and q swapped", 0.092029),
        # 1 − 2·1.5/(1.8 + 2), with 1 added to both, and with 2.
        ("Dice | lossmith | DiceLoss()", 1 / 6),
        ("Dice | monai | losses.DiceLoss()", 4 / 19),
        ("Dice | optax | binary_dice_loss", 4 / 29),
        # TP 1.5, FP 0.3, FN 0.5: alpha = 0.3 on FP, or on FN.
        ("Tversky | monai | losses.TverskyLoss(alpha=0.3, beta=0.7)", 1 - 1.5 / 1.94),
        ("Tversky | keras | losses.Tversky(alpha=0.3, beta=0.7)", 1 - 1.5 / 1.86),
        ("Generalised IoU | monai | losses.BoxGIoULoss()", 1 - (1 / 7 - 2 / 9)),
        ("Contrastive, a pair that does not belong together | lossmith | ContrastiveLoss()", (1 - 0.4**0.5) ** 2 / 2),
        ("Label smoothing | optax | `softmax_cross_entropy` of `smooth_labels(0.1)`", 0.507606),
    ],
)
def test_numbers_worked_out_by_hand(name, by_hand):
    assert float(str(stored()[name]["value"])) == pytest.approx(by_hand, rel=1e-4)
