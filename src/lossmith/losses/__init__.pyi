"""Written by `make stubs`: the names every loss's file defines. Not to be edited."""
# ruff: noqa
# fmt: off

from lossmith.losses.classification.binary_cross_entropy_loss import BinaryCrossEntropyLoss as BinaryCrossEntropyLoss
from lossmith.losses.classification.binary_cross_entropy_loss import binary_cross_entropy_loss as binary_cross_entropy_loss
from lossmith.losses.classification.brier_loss import BrierLoss as BrierLoss
from lossmith.losses.classification.brier_loss import brier_loss as brier_loss
from lossmith.losses.classification.cross_entropy_loss import CrossEntropyLoss as CrossEntropyLoss
from lossmith.losses.classification.cross_entropy_loss import cross_entropy_loss as cross_entropy_loss
from lossmith.losses.classification.label_smoothing_cross_entropy_loss import LabelSmoothingCrossEntropyLoss as LabelSmoothingCrossEntropyLoss
from lossmith.losses.classification.label_smoothing_cross_entropy_loss import label_smoothing_cross_entropy_loss as label_smoothing_cross_entropy_loss
from lossmith.losses.distribution.gaussian_crps_loss import GaussianCrpsLoss as GaussianCrpsLoss
from lossmith.losses.distribution.gaussian_crps_loss import gaussian_crps_loss as gaussian_crps_loss
from lossmith.losses.distribution.gaussian_nll_loss import GaussianNllLoss as GaussianNllLoss
from lossmith.losses.distribution.gaussian_nll_loss import gaussian_nll_loss as gaussian_nll_loss
from lossmith.losses.distribution.laplace_nll_loss import LaplaceNllLoss as LaplaceNllLoss
from lossmith.losses.distribution.laplace_nll_loss import laplace_nll_loss as laplace_nll_loss
from lossmith.losses.distribution.multi_quantile_loss import MultiQuantileLoss as MultiQuantileLoss
from lossmith.losses.distribution.multi_quantile_loss import multi_quantile_loss as multi_quantile_loss
from lossmith.losses.imbalance.class_weighted_cross_entropy_loss import ClassWeightedCrossEntropyLoss as ClassWeightedCrossEntropyLoss
from lossmith.losses.imbalance.class_weighted_cross_entropy_loss import class_weighted_cross_entropy_loss as class_weighted_cross_entropy_loss
from lossmith.losses.imbalance.focal_loss import FocalLoss as FocalLoss
from lossmith.losses.imbalance.focal_loss import focal_loss as focal_loss
from lossmith.losses.imbalance.logit_adjusted_cross_entropy_loss import LogitAdjustedCrossEntropyLoss as LogitAdjustedCrossEntropyLoss
from lossmith.losses.imbalance.logit_adjusted_cross_entropy_loss import logit_adjusted_cross_entropy_loss as logit_adjusted_cross_entropy_loss
from lossmith.losses.imbalance.sigmoid_focal_loss import SigmoidFocalLoss as SigmoidFocalLoss
from lossmith.losses.imbalance.sigmoid_focal_loss import sigmoid_focal_loss as sigmoid_focal_loss
from lossmith.losses.regression.absolute_error_loss import AbsoluteErrorLoss as AbsoluteErrorLoss
from lossmith.losses.regression.absolute_error_loss import absolute_error_loss as absolute_error_loss
from lossmith.losses.regression.absolute_percentage_error_loss import AbsolutePercentageErrorLoss as AbsolutePercentageErrorLoss
from lossmith.losses.regression.absolute_percentage_error_loss import absolute_percentage_error_loss as absolute_percentage_error_loss
from lossmith.losses.regression.gamma_loss import GammaLoss as GammaLoss
from lossmith.losses.regression.gamma_loss import gamma_loss as gamma_loss
from lossmith.losses.regression.huber_loss import HuberLoss as HuberLoss
from lossmith.losses.regression.huber_loss import huber_loss as huber_loss
from lossmith.losses.regression.log_cosh_loss import LogCoshLoss as LogCoshLoss
from lossmith.losses.regression.log_cosh_loss import log_cosh_loss as log_cosh_loss
from lossmith.losses.regression.pinball_loss import PinballLoss as PinballLoss
from lossmith.losses.regression.pinball_loss import pinball_loss as pinball_loss
from lossmith.losses.regression.poisson_loss import PoissonLoss as PoissonLoss
from lossmith.losses.regression.poisson_loss import poisson_loss as poisson_loss
from lossmith.losses.regression.squared_error_loss import SquaredErrorLoss as SquaredErrorLoss
from lossmith.losses.regression.squared_error_loss import squared_error_loss as squared_error_loss
from lossmith.losses.regression.tweedie_loss import TweedieLoss as TweedieLoss
from lossmith.losses.regression.tweedie_loss import tweedie_loss as tweedie_loss

def modules() -> dict[str, str]: ...
