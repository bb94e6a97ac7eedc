"""The task, said once: what is predicted, from what, judged by which metric."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Task = Literal["regression", "count", "forecast", "binary", "multiclass", "ordinal", "multilabel"]
TASKS: tuple[Task, ...] = ("regression", "count", "forecast", "binary", "multiclass", "ordinal", "multilabel")
VALUE_TASKS: tuple[Task, ...] = ("regression", "count", "forecast")
IN_ORDER = "row"
"""Said in place of a time column where the rows are in order already."""
Prices = tuple[tuple[str, str, float], ...]
"""(true label, named label, price) for every pair of labels."""


@dataclass(frozen=True)
class Problem:
    """What the user asked, with what was left open filled in by `profile`.

    Open may be the task, the metric, the levels and the positive class.
    """

    target: str
    """The target's column; of several labels their names as a heading: `a, b and 3 more`."""
    task: Task | None = None
    metric: str | None = None
    """One string, as `lossmith.registry.metric` reads it."""
    positive: str | None = None
    """The label counted as positive in a binary task, as text."""
    levels: tuple[str, ...] = ()
    """Class labels as text: from low to high when ordinal, sorted otherwise (negative, positive when binary). Of
    several labels a row, their columns."""
    drop: tuple[str, ...] = ()
    """Columns not to learn from."""
    time: str | None = None
    """The column that orders the rows, or "row"; makes the task a forecast."""
    series: tuple[str, ...] = ()
    """Columns that tell several series apart."""
    horizon: int = 1
    """Steps ahead: a forecast rests on what was known so many steps before."""
    weight: str | None = None
    """Column of numbers from 0 up: how much each row counts, in training and in every score."""
    group: tuple[str, ...] = ()
    """Columns that say which rows belong together: agreeing in all of them, they stay on one side of every split."""
    cost: Prices = ()
    """What each decision costs, until the metric says it in the order of the levels."""
    targets: tuple[str, ...] = ()
    """The columns of a multilabel task, one a label; empty where there is one target."""

    @property
    def target_columns(self) -> tuple[str, ...]:
        """Every column that is to be predicted."""
        return self.targets or (self.target,)

    @property
    def aside(self) -> frozenset[str]:
        """Columns that are no features."""
        weight = [] if self.weight is None else [self.weight]
        return frozenset({*self.target_columns, *self.drop, *self.group, *weight})

    def settled(self, **changes: Any) -> "Problem":
        """Return a copy with open questions answered."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Problem":
        """Read what `to_json` wrote."""
        lists = {key: tuple(data.get(key, ())) for key in ("levels", "drop", "series", "group", "targets")}
        cost = tuple((true, named, price) for true, named, price in data.get("cost", ()))
        return cls(**{**data, **lists, "cost": cost})


@dataclass(frozen=True)
class Candidate:
    """One way to train: training loss × output link × decision rule × sampling."""

    id: str
    loss: str
    params: Mapping[str, Any] = field(default_factory=dict)
    """Hyperparameters in the unit the loss sees, which is the linked and scaled target."""
    link: str = "identity"
    """How the network's output becomes a prediction: a name in `lossmith.training.links`."""
    rule: str = "value"
    """How a prediction becomes a decision: a name in `lossmith.training.decision`."""
    rule_params: Mapping[str, Any] = field(default_factory=dict)
    """Fixed parameters of the rule; what is left out is tuned inside the training fold."""
    sampling: str = "none"
    """How often the network sees each row: a name in `lossmith.training.sampling`."""
    reasons: tuple[str, ...] = ()
    """Why it is on the list, in plain words, each with its source."""
    roles: tuple[str, ...] = ()
    """`consistent` (elicits what the metric asks for), `reference` (declared before training), `default` (what everyone
    uses), `requested`."""

    def to_json(self) -> dict[str, Any]:
        """Return plain types only."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Candidate":
        """Read what `to_json` wrote."""
        return cls(**{**data, "reasons": tuple(data["reasons"]), "roles": tuple(data["roles"])})
