"""Results in, text and pictures out; computes nothing."""

from lossmith.report.html import write_html
from lossmith.report.terminal import print_verdict

__all__ = ["print_verdict", "write_html"]
