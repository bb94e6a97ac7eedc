"""Who is told how far `advise` is."""

from collections.abc import Sequence
from typing import Protocol

from lossmith.advisor.profile import Profile
from lossmith.training.problem import Candidate


class Watcher(Protocol):
    """Is told how far things are; every method may do nothing."""

    def read(self, done: int, total: int) -> None:
        """So many of the examples of a dataset have been read; a table is read at once."""

    def profiled(self, found: Profile) -> None:
        """The data have been read and described."""

    def shortlisted(self, candidates: Sequence[Candidate]) -> None:
        """The candidates are known; training begins."""

    def trained(self, done: int, total: int) -> None:
        """So many of the planned trials are done."""


class Silent:
    """A watcher that does nothing."""

    def read(self, done: int, total: int) -> None:
        """Do nothing."""

    def profiled(self, found: Profile) -> None:
        """Do nothing."""

    def shortlisted(self, candidates: Sequence[Candidate]) -> None:
        """Do nothing."""

    def trained(self, done: int, total: int) -> None:
        """Do nothing."""
