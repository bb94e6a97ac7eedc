"""Dice loss is better for small objects.

Said in segmentation, because background pixels do not dilute it.

Shown false if a network trained with cross-entropy a pixel finds small objects as well.
"""

from collections.abc import Sequence

import torch
from sklearn import datasets
from torch import Generator, Tensor
from torch.nn import functional

from benchmarks.claims.claim import Claim, Figure, Rule, of_seeds

SEEDS, SIDE, STEPS = 6, 20, 300


def measure() -> Sequence[Figure]:
    """Segment digits pasted into noise, as 4 × 4 or 8 × 8 pixels of 400; judge by the mean Dice of an image."""
    small, large = ([_pair(seed, shrink) for seed in range(SEEDS)] for shrink in (2, 1))
    return [
        _figure("objects are small and a pixel is named from one half", small, 0),
        _figure("objects are small and the cut is tuned", small, 1),
        _figure("objects are large and a pixel is named from one half", large, 0),
        _figure("objects are large and the cut is tuned", large, 1),
    ]


def _figure(situation: str, pairs: list[tuple[list[float], list[float]]], rule: int) -> Figure:
    dice, entropy = ([100.0 * pair[way][rule] for pair in pairs] for way in (0, 1))
    note = f"Dice {sum(dice) / SEEDS:.0f} with Dice loss, {sum(entropy) / SEEDS:.0f} with cross-entropy"
    return of_seeds(situation, [a - b for a, b in zip(dice, entropy, strict=True)], note)


def _pair(seed: int, shrink: int) -> tuple[list[float], list[float]]:
    """Return the Dice at one half and at the tuned cut, for Dice loss and for cross-entropy."""
    generator = Generator().manual_seed(seed)
    images, masks = _drawn(600, shrink, generator)
    return tuple(_scored(_trained(loss, images, masks, seed), images, masks) for loss in (_soft_dice, _entropy))


def _drawn(count: int, shrink: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Paste digits at random places into noise; the object is where ink is."""
    source = torch.tensor(datasets.load_digits().images, dtype=torch.float32) / 16.0
    chosen = source[torch.randint(0, len(source), (count,), generator=generator)]
    ink = functional.avg_pool2d(chosen[:, None], shrink)[:, 0]
    size, images = ink.shape[-1], torch.zeros(count, 1, SIDE, SIDE)
    places = torch.randint(0, SIDE - size + 1, (count, 2), generator=generator).tolist()
    for image, drawn, (row, column) in zip(images, ink, places, strict=True):
        image[0, row : row + size, column : column + size] = drawn
    return images + 0.35 * torch.randn(images.shape, generator=generator), (images > 0.4).float()


def _trained(loss, images: Tensor, masks: Tensor, seed: int) -> Tensor:
    """Train three small convolutions on the first 300 images; return the logits of all."""
    torch.manual_seed(seed)
    layers = [torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 3, padding=1)]
    network = torch.nn.Sequential(*layers, torch.nn.ReLU(), torch.nn.Conv2d(8, 1, 3, padding=1))
    optimiser, generator = torch.optim.Adam(network.parameters(), lr=0.01), Generator().manual_seed(seed)
    for _ in range(STEPS):
        rows = torch.randint(0, 300, (24,), generator=generator)
        optimiser.zero_grad()
        loss(network(images[rows]), masks[rows]).backward()
        optimiser.step()
    with torch.no_grad():
        return network(images)


def _soft_dice(z: Tensor, mask: Tensor) -> Tensor:
    p = z.sigmoid()
    overlap, sizes = (p * mask).sum((1, 2, 3)), (p + mask).sum((1, 2, 3))
    return 1.0 - ((2.0 * overlap + 1.0) / (sizes + 1.0)).mean()


def _entropy(z: Tensor, mask: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(z, mask)


def _scored(z: Tensor, images: Tensor, masks: Tensor) -> list[float]:
    """Score the last 200 images, at a logit of 0 and at the cut best on the 100 before them."""
    cuts = z[300:400].quantile(torch.linspace(0.7, 0.995, 40)).tolist()
    best = max(cuts, key=lambda cut: _dice(z[300:400] > cut, masks[300:400]))
    return [_dice(z[400:] > cut, masks[400:]) for cut in (0.0, best)]


def _dice(named: Tensor, mask: Tensor) -> float:
    overlap, sizes = (named * mask).sum((1, 2, 3)), (named + mask).sum((1, 2, 3))
    return float((2.0 * overlap / sizes.clamp(min=1.0)).mean())


CLAIM = Claim(
    measure,
    effect="points of Dice that Dice loss adds over cross-entropy, on images it has not seen",
    rule=Rule(low=0.0),
    instead="Most of what Dice loss adds on small objects is a lower cut. Tune the cut of a network trained with "
    "cross-entropy before giving up its probabilities, or add the two.",
)
