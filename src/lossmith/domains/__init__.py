"""What a tensor argument may hold: shape, range, edge points, and a safe value.

A domain says what goes in, so that no loss needs a `from_logits=` flag, and it draws the data of every test.
Shapes are words: `"n c"` is one row of class scores per example, `"..."` any shape at all.

Each file holds the domains of one idea; `from lossmith.domains import Real` finds them all.
"""

from lossmith.domains.distributions import LaplaceParameters as LaplaceParameters
from lossmith.domains.distributions import Levels as Levels
from lossmith.domains.distributions import LocationScale as LocationScale
from lossmith.domains.distributions import NormalParameters as NormalParameters
from lossmith.domains.distributions import Quantiles as Quantiles
from lossmith.domains.distributions import Spread as Spread
from lossmith.domains.domain import Domain as Domain
from lossmith.domains.domain import Sizes as Sizes
from lossmith.domains.labels import BinaryTarget as BinaryTarget
from lossmith.domains.labels import ClassIndex as ClassIndex
from lossmith.domains.labels import Lengths as Lengths
from lossmith.domains.labels import Relevance as Relevance
from lossmith.domains.labels import Symbols as Symbols
from lossmith.domains.numbers import Counts as Counts
from lossmith.domains.numbers import Increasing as Increasing
from lossmith.domains.numbers import LogMean as LogMean
from lossmith.domains.numbers import LogScale as LogScale
from lossmith.domains.numbers import LogVariance as LogVariance
from lossmith.domains.numbers import NonNegative as NonNegative
from lossmith.domains.numbers import Positive as Positive
from lossmith.domains.numbers import Real as Real
from lossmith.domains.numbers import Share as Share
from lossmith.domains.parameters import CountParameters as CountParameters
from lossmith.domains.parameters import EvidentialParameters as EvidentialParameters
from lossmith.domains.parameters import Family as Family
from lossmith.domains.parameters import Members as Members
from lossmith.domains.parameters import NegativeBinomialParameters as NegativeBinomialParameters
from lossmith.domains.parameters import Parameters as Parameters
from lossmith.domains.parameters import Several as Several
from lossmith.domains.parameters import StudentParameters as StudentParameters
from lossmith.domains.parameters import ZeroInflatedPoissonParameters as ZeroInflatedPoissonParameters
from lossmith.domains.policies import Action as Action
from lossmith.domains.policies import ActionLogProbability as ActionLogProbability
from lossmith.domains.policies import AnswerLogProbability as AnswerLogProbability
from lossmith.domains.probabilities import ClassProbabilities as ClassProbabilities
from lossmith.domains.probabilities import Mistakes as Mistakes
from lossmith.domains.probabilities import OpenShare as OpenShare
from lossmith.domains.probabilities import Probability as Probability
from lossmith.domains.scores import ConditionalStepLogits as ConditionalStepLogits
from lossmith.domains.scores import HalfLogOdds as HalfLogOdds
from lossmith.domains.scores import Logits as Logits
from lossmith.domains.scores import LogProbabilities as LogProbabilities
from lossmith.domains.scores import OneVsAllLogits as OneVsAllLogits
from lossmith.domains.scores import Scores as Scores
from lossmith.domains.scores import StepLogits as StepLogits
from lossmith.domains.scores import TangentScores as TangentScores
from lossmith.domains.spaces import Boxes as Boxes
from lossmith.domains.spaces import Embedding as Embedding
from lossmith.domains.spaces import Prototypes as Prototypes
