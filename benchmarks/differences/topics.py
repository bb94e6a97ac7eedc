"""The topics: each a tiny input, and how every library is asked about it.

Libraries are imported where they are asked, so that those that are missing are missed alone.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.differences.number import Number, Topic, ours

# --- Regression -------------------------------------------------------------------------------------------------------


def keras_loss(name: str, true: list, predicted: list, **settings: object) -> float:
    """Keras takes the target first."""
    import keras

    found = getattr(keras.losses, name)(**settings)(torch.tensor(true), torch.tensor(predicted))
    return float(found)


def optax_loss(name: str, *data: list, **settings: object) -> float:
    import jax.numpy as jnp
    import optax

    return float(jnp.mean(getattr(optax.losses, name)(*(jnp.asarray(x) for x in data), **settings)))


HUBER = Topic(
    "Huber and smooth L1",
    "an error of 5, threshold 2",
    "Huber is threshold times smooth L1: the same picture, another scale. Who swaps one for the other and keeps the "
    "learning rate changes it by that factor. Torch names the threshold `delta` in one and `beta` in the other.",
    (
        ours("huber_loss", [5.0], [0.0], delta=2.0),
        ours("smooth_l1_loss", [5.0], [0.0], beta=2.0),
        Number("torch", "nn.HuberLoss(delta=2)", lambda: float(functional.huber_loss(*_pair(5.0, 0.0), delta=2.0))),
        Number(
            "torch", "nn.SmoothL1Loss(beta=2)", lambda: float(functional.smooth_l1_loss(*_pair(5.0, 0.0), beta=2.0))
        ),
        Number("keras", "losses.Huber(delta=2)", lambda: keras_loss("Huber", [0.0], [5.0], delta=2.0)),
        Number("optax", "huber_loss(delta=2)", lambda: optax_loss("huber_loss", [5.0], [0.0], delta=2.0)),
    ),
)


def _pair(first: float, second: float) -> tuple[Tensor, Tensor]:
    return torch.tensor([first]), torch.tensor([second])


SQUARED = Topic(
    "Squared error, L2",
    "an error of 3",
    "`l2_loss` of optax has the half that makes its gradient the error itself; `squared_error` has not. In torch, "
    '"L2 loss" is `MSELoss`, without the half.',
    (
        ours("squared_error_loss", [3.0], [0.0]),
        Number("torch", "nn.MSELoss()", lambda: float(functional.mse_loss(*_pair(3.0, 0.0)))),
        Number("keras", "losses.MeanSquaredError()", lambda: keras_loss("MeanSquaredError", [0.0], [3.0])),
        Number("optax", "squared_error", lambda: optax_loss("squared_error", [3.0], [0.0])),
        Number("optax", "l2_loss", lambda: optax_loss("l2_loss", [3.0], [0.0])),
    ),
)
PERCENTAGE = Topic(
    "Mean absolute percentage error",
    "predicted 110, true 100",
    "Keras gives per cent, the others a share: a factor 100 in the loss and in every gradient.",
    (
        ours("absolute_percentage_error_loss", [110.0], [100.0]),
        Number(
            "keras",
            "losses.MeanAbsolutePercentageError()",
            lambda: keras_loss("MeanAbsolutePercentageError", [100.0], [110.0]),
        ),
        Number("scikit-learn", "metrics.mean_absolute_percentage_error", lambda: _sklearn_percentage()),
    ),
)


def _sklearn_percentage() -> float:
    from sklearn.metrics import mean_absolute_percentage_error

    return float(mean_absolute_percentage_error([100.0], [110.0]))


LOG_COSH = Topic(
    "Log-cosh",
    "an error of 1,000, in float32",
    "Written as it reads, log(cosh(x)) overflows beyond 89. Written as |x| + softplus(−2|x|) − log 2 it does not.",
    (
        ours("log_cosh_loss", [1000.0], [0.0]),
        Number("torch", "torch.log(torch.cosh(x))", lambda: float(torch.tensor(1000.0).cosh().log())),
        Number("keras", "losses.LogCosh()", lambda: keras_loss("LogCosh", [0.0], [1000.0])),
        Number("optax", "log_cosh", lambda: optax_loss("log_cosh", [1000.0], [0.0])),
    ),
)
RATE = math.exp(0.5)
POISSON = Topic(
    "Poisson",
    "log of the predicted rate 0.5 (a rate of 1.649), count 2",
    "Torch takes the logarithm of the rate unless told otherwise; Keras takes the rate, and given the logarithm it "
    "answers without a word. `full=True` adds Stirling's approximation of log y!. scikit-learn gives the deviance: "
    "twice the loss, less its least value.",
    (
        ours("poisson_loss", [0.5], [2.0]),
        Number("torch", "nn.PoissonNLLLoss()", lambda: float(functional.poisson_nll_loss(*_pair(0.5, 2.0)))),
        Number(
            "torch",
            "nn.PoissonNLLLoss(full=True)",
            lambda: float(functional.poisson_nll_loss(*_pair(0.5, 2.0), full=True)),
        ),
        Number("keras", "`losses.Poisson()`, given the rate", lambda: keras_loss("Poisson", [2.0], [RATE])),
        Number("keras", "`losses.Poisson()`, given the logarithm", lambda: keras_loss("Poisson", [2.0], [0.5])),
        Number("scikit-learn", "metrics.mean_poisson_deviance", lambda: _deviance()),
    ),
)


def _deviance() -> float:
    from sklearn.metrics import mean_poisson_deviance

    return float(mean_poisson_deviance([2.0], [RATE]))


GAUSSIAN = Topic(
    "Gaussian negative log-likelihood",
    "mean 0, standard deviation 2, target 1",
    "Torch takes the variance, and leaves out ½ log 2π unless `full=True`. Ours takes the logarithm of the standard "
    "deviation (no clamp, no negative variance) and keeps the constant: it is a likelihood.",
    (
        ours("gaussian_nll_loss", [[0.0, math.log(2.0)]], [1.0]),
        Number("torch", "nn.GaussianNLLLoss()", lambda: _gaussian(full=False)),
        Number("torch", "nn.GaussianNLLLoss(full=True)", lambda: _gaussian(full=True)),
    ),
)


def _gaussian(full: bool) -> float:
    mean, target, variance = torch.tensor([0.0]), torch.tensor([1.0]), torch.tensor([4.0])
    return float(functional.gaussian_nll_loss(mean, target, variance, full=full))


# --- Classes ----------------------------------------------------------------------------------------------------------

WRONG = Topic(
    "Binary cross-entropy, surely wrong",
    "logit 10,000, label 0",
    "Through a probability the answer is a clamp (100 in torch, about 16 in Keras) and the gradient is gone; from the "
    "logit it is 10,000 and the gradient 1.",
    (
        ours("binary_cross_entropy_loss", [1e4], [0.0]),
        Number(
            "torch",
            "nn.BCEWithLogitsLoss()",
            lambda: float(functional.binary_cross_entropy_with_logits(*_pair(1e4, 0.0))),
        ),
        Number(
            "torch",
            "`nn.BCELoss()` of the sigmoid",
            lambda: float(functional.binary_cross_entropy(torch.sigmoid(torch.tensor([1e4])), torch.tensor([0.0]))),
        ),
        Number(
            "keras",
            "losses.BinaryCrossentropy(from_logits=True)",
            lambda: keras_loss("BinaryCrossentropy", [0.0], [1e4], from_logits=True),
        ),
        Number("keras", "losses.BinaryCrossentropy()", lambda: keras_loss("BinaryCrossentropy", [0.0], [1.0])),
        Number(
            "optax", "sigmoid_binary_cross_entropy", lambda: optax_loss("sigmoid_binary_cross_entropy", [1e4], [0.0])
        ),
    ),
)
WEIGHTED = Topic(
    "Class-weighted cross-entropy, mean",
    "two examples with equal logits, labels 0 and 1, class weights 1 and 3",
    "Torch divides by the weights it met in the batch, so that the weight of an example depends on its neighbours and "
    "a batch of one class is not weighted at all. Ours divides by the number of examples.",
    (
        ours(
            "class_weighted_cross_entropy_loss", [[0.0, 0.0], [0.0, 0.0]], [0, 1], weight=(1.0, 3.0),
            call="ClassWeightedCrossEntropyLoss(weight=(1, 3))",
        ),
        Number("torch", "nn.CrossEntropyLoss(weight=(1, 3))", lambda: _torch_weighted()),
    ),
)  # fmt: skip


def _torch_weighted() -> float:
    return float(functional.cross_entropy(torch.zeros(2, 2), torch.tensor([0, 1]), weight=torch.tensor([1.0, 3.0])))


SMOOTHED = Topic(
    "Label smoothing",
    "logits 2, 1, 0, true class 0, smoothing 0.1",
    "The same everywhere here: 0.1 is spread over all three classes, the true one included. Papers that spread it "
    "over the other two alone mean another number: 0.5576.",
    (
        ours("label_smoothing_cross_entropy_loss", [[2.0, 1.0, 0.0]], [0], smoothing=0.1),
        Number("torch", "nn.CrossEntropyLoss(label_smoothing=0.1)", lambda: _torch_smoothed()),
        Number("keras", "losses.CategoricalCrossentropy(label_smoothing=0.1, from_logits=True)", lambda: keras_loss(
            "CategoricalCrossentropy", [[1.0, 0.0, 0.0]], [[2.0, 1.0, 0.0]], label_smoothing=0.1, from_logits=True)),
        Number("optax", "`softmax_cross_entropy` of `smooth_labels(0.1)`", lambda: _optax_smoothed()),
    ),
)  # fmt: skip


def _torch_smoothed() -> float:
    return float(functional.cross_entropy(torch.tensor([[2.0, 1.0, 0.0]]), torch.tensor([0]), label_smoothing=0.1))


def _optax_smoothed() -> float:
    import jax.numpy as jnp
    import optax

    soft = optax.losses.smooth_labels(jnp.asarray([[1.0, 0.0, 0.0]]), 0.1)
    return float(optax.losses.softmax_cross_entropy(jnp.asarray([[2.0, 1.0, 0.0]]), soft)[0])


LOGITS, LABELS = [1.0, -1.0, 2.0], [1.0, 0.0, 0.0]
FOCAL = Topic(
    "Binary focal",
    "logits 1, −1, 2, labels 1, 0, 0, gamma 2; the mean",
    "torchvision weights by alpha = 0.25 unless told not to, which the paper tuned for boxes: positives count a "
    "quarter, negatives three quarters. The others have no alpha at their defaults.",
    (
        ours("sigmoid_focal_loss", LOGITS, LABELS),
        ours("sigmoid_focal_loss", LOGITS, LABELS, alpha=0.25),
        Number("torchvision", "ops.sigmoid_focal_loss", lambda: _torchvision_focal()),
        Number("monai", "losses.FocalLoss()",
               lambda: _monai("FocalLoss", [[x] for x in LOGITS], [[y] for y in LABELS])),
        Number("keras", "losses.BinaryFocalCrossentropy(from_logits=True)",
               lambda: keras_loss("BinaryFocalCrossentropy", LABELS, LOGITS, from_logits=True)),
        Number("optax", "sigmoid_focal_loss", lambda: optax_loss("sigmoid_focal_loss", LOGITS, LABELS)),
    ),
)  # fmt: skip


def _torchvision_focal() -> float:
    from torchvision.ops import sigmoid_focal_loss

    return float(sigmoid_focal_loss(torch.tensor(LOGITS), torch.tensor(LABELS), reduction="mean"))


def _monai(name: str, predicted: list, true: list, **settings: object) -> float:
    import monai

    return float(getattr(monai.losses, name)(**settings)(torch.tensor(predicted), torch.tensor(true)))


SCORES = [[2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
SOFTMAX_FOCAL = Topic(
    "Softmax focal",
    "two rows of logits (2, 1, 0) and (0, 1, 0), true classes 0 and 2, gamma 2; the mean",
    "Keras multiplies by alpha = 0.25 for every class alike, a smaller learning rate and nothing else. MONAI and "
    "kornia divide by the number of classes too, since their mean is over all entries of the one-hot target.",
    (
        ours("focal_loss", SCORES, [0, 2]),
        Number("keras", "losses.CategoricalFocalCrossentropy(from_logits=True)", lambda: keras_loss(
            "CategoricalFocalCrossentropy", [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], SCORES, from_logits=True)),
        Number("monai", "losses.FocalLoss(use_softmax=True, to_onehot_y=True)", lambda: _monai(
            "FocalLoss", SCORES, [[0], [2]], use_softmax=True, to_onehot_y=True)),
        Number("kornia", "losses.FocalLoss(alpha=None, reduction='mean')", lambda: _kornia_focal()),
    ),
)  # fmt: skip


def _kornia_focal() -> float:
    from kornia.losses import FocalLoss

    return float(FocalLoss(alpha=None, reduction="mean")(torch.tensor(SCORES), torch.tensor([0, 2])))


HINGE = Topic(
    "Hinge",
    "score 0.3, label positive",
    "`HingeEmbeddingLoss` is no hinge loss of a classifier: it takes a distance, and gives it back where the label "
    "is 1. Keras reads labels 0 and 1 as well as −1 and 1; optax needs −1 and 1; ours takes 0 and 1.",
    (
        ours("hinge_loss", [0.3], [1.0]),
        Number("torch", "nn.HingeEmbeddingLoss()", lambda: float(functional.hinge_embedding_loss(*_pair(0.3, 1.0)))),
        Number("keras", "losses.Hinge()", lambda: keras_loss("Hinge", [1.0], [0.3])),
        Number("optax", "hinge_loss", lambda: optax_loss("hinge_loss", [0.3], [1.0])),
    ),
)
MULTICLASS_HINGE = Topic(
    "Multiclass hinge",
    "scores 1, 0.5, 0.8, true class 0",
    "Torch sums the margins of all wrong classes and divides by the number of classes (Weston and Watkins); Keras, "
    "optax and ours take the worst one (Crammer and Singer).",
    (
        ours("multiclass_hinge_loss", [[1.0, 0.5, 0.8]], [0]),
        Number("torch", "nn.MultiMarginLoss()", lambda: float(
            functional.multi_margin_loss(torch.tensor([[1.0, 0.5, 0.8]]), torch.tensor([0])))),
        Number("keras", "losses.CategoricalHinge()", lambda: keras_loss(
            "CategoricalHinge", [[1.0, 0.0, 0.0]], [[1.0, 0.5, 0.8]])),
        Number("optax", "multiclass_hinge_loss", lambda: _optax_multiclass()),
    ),
)  # fmt: skip


def _optax_multiclass() -> float:
    import jax.numpy as jnp
    import optax

    return float(optax.losses.multiclass_hinge_loss(jnp.asarray([1.0, 0.5, 0.8]), jnp.asarray(0)))


TRUE, GUESSED = [[0.7, 0.2, 0.1]], [[0.5, 0.3, 0.2]]
LOG_GUESSED = [[math.log(q) for q in GUESSED[0]]]
KL = Topic(
    "Kullback–Leibler divergence",
    "true distribution p = (0.7, 0.2, 0.1), predicted q = (0.5, 0.3, 0.2)",
    "Torch's default mean divides by the number of classes too and is no divergence; `batchmean` is KL(p‖q). Its "
    "first argument is log q. Arguments swapped, it is KL(q‖p), another number.",
    (
        ours("kl_divergence_loss", LOG_GUESSED, TRUE),
        Number("torch", "nn.KLDivLoss()", lambda: float(
            functional.kl_div(_t(LOG_GUESSED), _t(TRUE), reduction="mean"))),
        Number("torch", "nn.KLDivLoss(reduction='batchmean')", lambda: float(
            functional.kl_div(_t(LOG_GUESSED), _t(TRUE), reduction="batchmean"))),
        Number("torch", "the same with p and q swapped", lambda: float(
            functional.kl_div(_t(TRUE).log(), _t(GUESSED), reduction="batchmean"))),
        Number("keras", "losses.KLDivergence()", lambda: keras_loss("KLDivergence", TRUE, GUESSED)),
        Number("optax", "kl_divergence", lambda: optax_loss("kl_divergence", LOG_GUESSED, TRUE)),
    ),
)  # fmt: skip


def _t(rows: list) -> Tensor:
    return torch.tensor(rows)


# --- Masks and boxes --------------------------------------------------------------------------------------------------

SHARES, MASK = [0.9, 0.2, 0.6, 0.1], [1.0, 0.0, 1.0, 0.0]
PIXELS = [[math.log(p / (1.0 - p)) for p in SHARES]]
DICE = Topic(
    "Dice",
    "probabilities 0.9, 0.2, 0.6, 0.1, mask 1, 0, 1, 0",
    "The smoothing is the difference: ours adds 1 to numerator and denominator, optax 1 to the overlap, so 2 to both, "
    "the others about 1e-5 or less (0.2105 without any). "
    "On tiny masks a 1 matters, on large ones it does not.",
    (
        ours("dice_loss", PIXELS, [MASK]),
        ours("dice_loss", PIXELS, [MASK], smooth=1e-5),
        Number("monai", "losses.DiceLoss()", lambda: _monai("DiceLoss", [[SHARES]], [[MASK]])),
        Number("keras", "losses.Dice()", lambda: keras_loss("Dice", [MASK], [SHARES])),
        Number("optax", "binary_dice_loss", lambda: optax_loss("binary_dice_loss", PIXELS, [MASK])),
    ),
)
EMPTY = Topic(
    "Dice of an empty mask, nothing predicted",
    "probabilities 1e-7 in four pixels, mask all 0",
    "A perfect answer costs the whole loss in Keras, next to nothing where the smoothing is in the numerator too.",
    (
        ours("dice_loss", [[math.log(1e-7)] * 4], [[0.0] * 4]),
        Number("monai", "losses.DiceLoss()", lambda: _monai("DiceLoss", [[[1e-7] * 4]], [[[0.0] * 4]])),
        Number("keras", "losses.Dice()", lambda: keras_loss("Dice", [[0.0] * 4], [[1e-7] * 4])),
        Number("optax", "binary_dice_loss", lambda: optax_loss(
            "binary_dice_loss", [[math.log(1e-7)] * 4], [[0.0] * 4])),
    ),
)  # fmt: skip
TVERSKY = Topic(
    "Tversky",
    "the pixels of the Dice row, alpha 0.3 and beta 0.7",
    "In MONAI and ours alpha prices false positives and beta false negatives, as in Salehi et al. (2017); in Keras it "
    "is the other way round. Ours differs from MONAI by its smoothing alone.",
    (
        ours("tversky_loss", PIXELS, [MASK], alpha=0.3, beta=0.7),
        ours("tversky_loss", PIXELS, [MASK], alpha=0.3, beta=0.7, smooth=1e-5),
        Number("monai", "losses.TverskyLoss(alpha=0.3, beta=0.7)", lambda: _monai(
            "TverskyLoss", [[SHARES]], [[MASK]], alpha=0.3, beta=0.7)),
        Number("keras", "losses.Tversky(alpha=0.3, beta=0.7)", lambda: keras_loss(
            "Tversky", [MASK], [SHARES], alpha=0.3, beta=0.7)),
    ),
)  # fmt: skip
BOX, TRUTH = [[0.0, 0.0, 2.0, 2.0]], [[1.0, 1.0, 3.0, 3.0]]
GIOU = Topic(
    "Generalised IoU",
    "boxes (0, 0, 2, 2) and (1, 1, 3, 3), as corners",
    "The same, up to an epsilon: 1 − (1/7 − 2/9). Boxes given as centre and size, or in another order, are not "
    "noticed.",
    (
        ours("giou_loss", BOX, TRUTH),
        Number("torchvision", "ops.generalized_box_iou_loss", lambda: _torchvision_giou()),
        Number("monai", "losses.BoxGIoULoss()", lambda: _monai("BoxGIoULoss", BOX, TRUTH)),
    ),
)


def _torchvision_giou() -> float:
    from torchvision.ops import generalized_box_iou_loss

    return float(generalized_box_iou_loss(torch.tensor(BOX), torch.tensor(TRUTH), reduction="mean"))


# --- Embeddings -------------------------------------------------------------------------------------------------------

ANCHOR, POSITIVE, NEGATIVE = [[2.0, 0.0]], [[0.0, 2.0]], [[2.0, 2.0]]
TRIPLET = Topic(
    "Triplet margin",
    "anchor (2, 0), positive (0, 2), negative (2, 2); margins as each library sets them",
    "pytorch-metric-learning scales embeddings to length 1 first and has a margin of 0.05; torch, optax and ours take "
    "them as they are, with a margin of 1.",
    (
        ours("triplet_margin_loss", ANCHOR, POSITIVE, NEGATIVE),
        Number("torch", "nn.TripletMarginLoss()", lambda: float(
            functional.triplet_margin_loss(_t(ANCHOR), _t(POSITIVE), _t(NEGATIVE)))),
        Number("optax", "triplet_margin_loss", lambda: optax_loss("triplet_margin_loss", ANCHOR, POSITIVE, NEGATIVE)),
        Number("pytorch-metric-learning", "losses.TripletMarginLoss()", lambda: _metric_learning_triplet()),
    ),
)  # fmt: skip


def _metric_learning_triplet() -> float:
    from pytorch_metric_learning.losses import TripletMarginLoss

    triplet = tuple(torch.tensor([index]) for index in range(3))
    rows = torch.tensor([*ANCHOR, *POSITIVE, *NEGATIVE])
    return float(TripletMarginLoss()(rows, torch.tensor([0, 0, 1]), indices_tuple=triplet))


FIRST, SECOND = [[1.0, 0.0]], [[0.8, 0.6]]
CONTRASTIVE = Topic(
    "Contrastive, a pair that does not belong together",
    "embeddings (1, 0) and (0.8, 0.6), 0.632 apart, margin 1",
    "Hadsell et al. (2006) square what is left of the margin and halve it; pytorch-metric-learning does neither. "
    'Which label means "same" differs as well: 1 here, 0 in the paper.',
    (
        ours("contrastive_loss", FIRST, SECOND, [0.0]),
        Number("pytorch-metric-learning", "losses.ContrastiveLoss()", lambda: _metric_learning_contrastive()),
    ),
)


def _metric_learning_contrastive() -> float:
    from pytorch_metric_learning.losses import ContrastiveLoss

    return float(ContrastiveLoss()(_t(FIRST + SECOND), torch.tensor([0, 1])))


VIEWS = [[1.0, 0.0], [0.0, 1.0]], [[0.8, 0.6], [0.6, 0.8]]
NT_XENT = Topic(
    "NT-Xent (SimCLR)",
    "views (1, 0), (0, 1) and (0.8, 0.6), (0.6, 0.8); temperatures as each library sets them",
    "The temperature is the difference: 0.07 against 0.1. Both other libraries take labels in place of two views.",
    (
        ours("nt_xent_loss", *VIEWS),
        ours("nt_xent_loss", *VIEWS, temperature=0.07),
        Number("optax", "ntxent", lambda: _optax_nt_xent()),
        Number("pytorch-metric-learning", "losses.NTXentLoss()", lambda: _metric_learning_nt_xent()),
    ),
)


def _optax_nt_xent() -> float:
    import jax.numpy as jnp
    import optax

    return float(jnp.mean(optax.losses.ntxent(jnp.asarray(VIEWS[0] + VIEWS[1]), jnp.asarray([0, 1, 0, 1]))))


def _metric_learning_nt_xent() -> float:
    from pytorch_metric_learning.losses import NTXentLoss

    return float(NTXentLoss()(_t(VIEWS[0] + VIEWS[1]), torch.tensor([0, 1, 0, 1])))


TOPICS = (
    HUBER,
    SQUARED,
    PERCENTAGE,
    LOG_COSH,
    POISSON,
    GAUSSIAN,
    WRONG,
    WEIGHTED,
    SMOOTHED,
    FOCAL,
    SOFTMAX_FOCAL,
    HINGE,
    MULTICLASS_HINGE,
    KL,
    DICE,
    EMPTY,
    TVERSKY,
    GIOU,
    TRIPLET,
    CONTRASTIVE,
    NT_XENT,
)
