"""Formulas as MathML, which browsers draw and screen readers read.

It knows the part of LaTeX that a loss's formula needs. Anything else is refused, and the page shows the LaTeX.
"""

import re
from dataclasses import dataclass, field

from markupsafe import Markup, escape

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ",
    "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ", "iota": "ι",
}  # fmt: skip
SIGNS = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "in": "∈", "notin": "∉", "cdot": "·",
    "times": "×", "mid": "∣", "to": "→", "infty": "∞", "approx": "≈", "sim": "∼", "pm": "±", "odot": "⊙", "circ": "∘",
    "ldots": "…", "dots": "…", "cdots": "⋯", "nabla": "∇", "partial": "∂", "cap": "∩", "cup": "∪", "setminus": "∖",
    "|": "‖", "Vert": "‖", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "{": "{", "}": "}", "top": "⊤",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "gg": "≫", "ll": "≪", "equiv": "≡", "propto": "∝",
    "prime": "′", "lceil": "⌈", "rceil": "⌉", "angle": "∠", "exists": "∃",
    "forall": "∀", "lor": "∨", "land": "∧", "wedge": "∧", "_": "_", "%": "%",
}  # fmt: skip
LARGE = {"sum": "∑", "prod": "∏", "int": "∫"}
NAMES = {
    "log", "exp", "max", "min", "cos", "sin", "cosh", "sinh", "tanh", "arccos", "arctan", "arg", "ln", "det", "sup",
    "inf",
}  # fmt: skip
SPACES = {"quad": "1em", "qquad": "2em", ",": "0.17em", ";": "0.28em", ":": "0.22em", " ": "0.3em", "!": "0em"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "overline": "¯", "dot": "˙"}
WORDS = {"mathrm", "text", "operatorname", "mathbb", "mathcal", "mathbf", "boldsymbol"}
IGNORED = {"big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "displaystyle", "limits"}
LIMITS = {*LARGE, "max", "min", "sup", "inf"}


class UnknownError(ValueError):
    """LaTeX that this does not read."""


def formula(latex: str) -> Markup:
    """Return a formula as MathML, or as it is in `code` if it cannot be read.

    Example:
        >>> print(formula("r^2"))
        <math display="block"><msup><mi>r</mi><mn>2</mn></msup></math>
    """
    try:
        body = _Reader([token for token in TOKEN.findall(latex) if not token.isspace()], latex).row()
    except (UnknownError, IndexError):
        return Markup("<code>{}</code>").format(latex)
    return Markup('<math display="block">{}</math>').format(body)


@dataclass
class _Reader:
    """Reads tokens from left to right."""

    tokens: list[str]
    source: str
    at: int = field(default=0)

    def row(self, *ends: str) -> Markup:
        """Read until one of `ends`, which is consumed."""
        parts: list[Markup] = []
        while self.at < len(self.tokens):
            token = self.next()
            if token in ends:
                return Markup("").join(parts)
            parts.append(self.scripted(token))
        if ends:
            raise UnknownError(self.source)
        return Markup("").join(parts)

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def scripted(self, token: str) -> Markup:
        """Read one thing with what stands below and above it."""
        base, below, above = self.atom(token), Markup(""), Markup("")
        while self.peek() in ("_", "^", "'"):
            mark = self.next()
            if mark == "_":
                below = self.argument()
            else:
                above += _tag("mo", "′") if mark == "'" else self.argument()
        if not below and not above:
            return base
        over = token.removeprefix("\\") in LIMITS
        above = _row(above) if above else above
        if below and above:
            return _tag("munderover" if over else "msubsup", base, below, above)
        if below:
            return _tag("munder" if over else "msub", base, below)
        return _tag("mover" if over else "msup", base, above)

    def argument(self) -> Markup:
        """Read a group in braces, or a single thing."""
        token = self.next()
        return _row(self.row("}")) if token == "{" else self.atom(token)

    def raw(self) -> str:
        """Read the words of a group as they are."""
        if self.next() != "{":
            raise UnknownError(self.source)
        words = []
        while (token := self.next()) != "}":
            words.append(token)
        return "".join(words)

    def atom(self, token: str) -> Markup:
        """Read what cannot be taken apart."""
        if token == "{":
            return _row(self.row("}"))
        if not token.startswith("\\"):
            return self.letter(token)
        return self.command(token[1:])

    def letter(self, token: str) -> Markup:
        if token[0].isdigit():
            return _tag("mn", token)
        if token.isalpha():
            return _tag("mi", token)
        if token in "&}^_#$~":
            raise UnknownError(self.source)
        # A bar that may open or close would stretch over the whole row.
        if token in "|()[]":
            return _tag("mo", token, stretchy="false", lspace="0", rspace="0")
        return _tag("mo", {"-": "−", "*": "∗"}.get(token, token))

    def command(self, name: str) -> Markup:
        if name in GREEK:
            return _tag("mi", GREEK[name])
        if name in LARGE:
            return _tag("mo", LARGE[name])
        if name in NAMES:
            return _tag("mi", name) + _tag("mspace", width="0.17em") * (self.peek() not in ("_", "^", "("))
        if name in SPACES:
            return _tag("mspace", width=SPACES[name])
        if name in SIGNS:
            fence = {"stretchy": "false", "lspace": "0", "rspace": "0"} if SIGNS[name] in "‖|" else {}
            return _tag("mo", SIGNS[name], **fence)
        if name in IGNORED:
            return self.atom(self.next())
        if name in ("frac", "tfrac", "dfrac"):
            return _tag("mfrac", self.fraction_part(), self.fraction_part())
        return self.structure(name)

    def fraction_part(self) -> Markup:
        """Read a part of a fraction; of two digits without braces, one each."""
        token = self.peek()
        if token.isdigit() and len(token) > 1:
            self.tokens[self.at : self.at + 1] = [token[0], token[1:]]
        return self.argument()

    def structure(self, name: str) -> Markup:
        if name == "sqrt":
            return _tag("msqrt", self.argument())
        if name in ACCENTS:
            return _tag("mover", self.argument(), _tag("mo", ACCENTS[name], stretchy="false"), accent="true")
        if name in WORDS:
            return _tag("mtext" if name == "text" else "mi", self.words(name), mathvariant="normal")
        if name == "left":
            opened = self.next()
            inside = self.row("\\right")
            return _row(_fence(opened) + inside + _fence(self.next()))
        if name == "begin" and self.raw() == "cases":
            return self.cases()
        raise UnknownError(self.source)

    def words(self, name: str) -> str:
        """Read a group's words, with the spaces that the tokens have lost."""
        plain = self.raw()
        spaced = re.search(rf"\\{name}\{{([^}}]*)\}}", self.source)
        texts = re.findall(rf"\\{name}\{{([^}}]*)\}}", self.source) if spaced else []
        found = next((text for text in texts if re.sub(r"\s+", "", text) == plain), plain)
        return found.replace(" ", "\u00a0")

    def cases(self) -> Markup:
        rows: list[Markup] = []
        cells: list[Markup] = []
        parts: list[Markup] = []
        while True:
            token = self.next()
            if token == "\\end":
                self.raw()
                break
            if token in ("&", "\\\\"):
                cells.append(_tag("mtd", *parts))
                parts = []
                if token == "\\\\":
                    rows.append(_tag("mtr", *cells))
                    cells = []
            else:
                parts.append(self.scripted(token))
        rows.append(_tag("mtr", *cells, _tag("mtd", *parts)))
        # Not every browser has a font whose braces stretch: a larger one looks alike everywhere.
        brace = _tag("mo", "{", stretchy="false", style=f"font-size: {1.1 * len(rows):.1f}em")
        return _row(_tag("mpadded", brace, voffset="-0.3em") + _tag("mtable", *rows))


def _fence(token: str) -> Markup:
    text = SIGNS.get(token.removeprefix("\\"), token)
    return _tag("mo", "" if text == "." else text, stretchy="true")


def _row(body: Markup) -> Markup:
    return _tag("mrow", body) if body.count("</") != 1 else body


def _tag(name: str, *children: object, **attributes: str | None) -> Markup:
    shown = "".join(f' {key}="{value}"' for key, value in attributes.items() if value is not None)
    return Markup(f"<{name}{shown}>") + Markup("").join(escape(child) for child in children) + Markup(f"</{name}>")
