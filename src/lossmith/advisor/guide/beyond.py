"""Answers beyond tables: the losses of a field that the catalogue has."""

import inspect

from lossmith import registry
from lossmith.advisor.arguments import CONSISTENT, FOLK, OWN_LOSS, Argument
from lossmith.advisor.guide import needs
from lossmith.advisor.guide.answer import Answer, prose
from lossmith.advisor.guide.fields import Field, fields
from lossmith.advisor.guide.question import Question
from lossmith.card import Card, Functional
from lossmith.training.problem import Candidate

LONGEST = 6
CLASSES = 3


def answers(question: Question) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    """Return the losses to train with, best first, and the usual ones that lack.

    Raises:
        ValueError: no loss of the field meets a need.
    """
    facts = fields()[question.task]
    usual, missing = _usual(facts)
    families = (*facts.families, *_called_up(question, facts))
    kindred = [name for name, entry in registry.index()["losses"].items() if entry["family"] in families]
    found = []
    for place, name in enumerate(dict.fromkeys([*usual, *kindred])):
        arguments = _arguments(name, place, name in usual, question, facts)
        if arguments is not None:
            found.append((name, arguments))
    if question.needs and usual and not found:
        needed = ", ".join(question.needs)
        raise ValueError(f"A loss for {question.task} should meet the need {needed}. Found none. Try without the need.")
    found.sort(key=lambda pair: -sum(argument.weight for argument in pair[1]))
    return tuple(_answer(name, arguments, facts) for name, arguments in found[:LONGEST]), missing


def _called_up(question: Question, facts: Field) -> list[str]:
    """Return families of losses made for what was said of the labels."""
    if not {"cross_entropy_loss", "binary_cross_entropy_loss"} & set(facts.usual):
        return []
    noisy = question.label_noise or "robustness" in question.needs
    return ["imbalance"] * (question.imbalance is not None) + ["noise"] * bool(noisy)


def _usual(facts: Field) -> tuple[list[str], tuple[str, ...]]:
    """Return the usual losses that the catalogue has, and those it does not."""
    there, missing = [], []
    for name in facts.usual:
        try:
            there.append(registry.find(name)["name"])
        except ValueError:
            missing.append(name)
    return there, tuple(missing)


def _arguments(name: str, place: int, is_usual: bool, question: Question, facts: Field) -> list[Argument] | None:
    """Return what speaks for a loss of the field; None where it fails a need."""
    card, candidate = registry.card(name), Candidate(name, name)
    found = [Argument(f"Usual for {question.task}.", OWN_LOSS - 0.5 * place)] if is_usual else []
    wanted = Functional(facts.metrics[question.metric])
    if _elicited(card).implies(wanted) and wanted.name != "nothing":
        metric = question.metric.replace("_", " ")
        text = f"Consistent: {metric} asks for the {wanted}, and this loss elicits the {_elicited(card)}."
        found.append(Argument(text, FOLK))
    if card.family == "imbalance" and question.imbalance is not None:
        found.append(Argument("Made for rare classes.", FOLK))
    if _takes_classes(card):
        found += needs.against_noise(candidate, question.label_noise, CLASSES)
    for need in question.needs:
        told = needs.met(need, candidate, question.task, CLASSES) if _complete(card) else ""
        if not told:
            return None
        found.append(Argument(told, CONSISTENT))
    if facts.first.get(question.metric) == name:
        found.insert(0, Argument(f"Usual where {question.metric.replace('_', ' ')} is scored.", CONSISTENT))
    return found or [Argument(prose(name)["reach"] or prose(name)["summary"], 0.0)]


def _elicited(card: Card) -> Functional:
    defaults = {key: p["default"] for key, p in registry.find(card.name)["parameters"].items()}
    return card.elicited(**defaults)


def _complete(card: Card) -> bool:
    """Whether every hyperparameter has a default."""
    parameters = inspect.signature(card.module.function).parameters.values()
    return all(p.default is not p.empty for p in parameters if p.kind is p.KEYWORD_ONLY)


def _takes_classes(card: Card) -> bool:
    return card.kind == "loss" and "input" in card.inputs and _complete(card)


def _answer(name: str, arguments: list[Argument], facts: Field) -> Answer:
    card = registry.card(name)
    first = next(iter(card.inputs.values()), None)
    return Answer(
        id=name,
        loss=name,
        **prose(name),
        reasons=tuple(argument.text for argument in arguments),
        output=first.head if first is not None else "",
        link="",
        rule=facts.rule,
        code=_code(card),
        mistakes=card.mistakes,
    )


def _code(card: Card) -> str:
    """Write the loss, what goes into it, and the call."""
    name = card.module.__name__
    parameters = inspect.signature(card.module.function).parameters.values()
    open_ones = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    given = ", ".join(f"{key}={key}" for key in open_ones)
    model = ["model"] if card.kind in ("penalty", "procedure") else []
    lines = [f"from lossmith.losses import {name}", ""]
    lines += [f"# {key}: {card.parameters[key]}" if key in card.parameters else f"# {key}: yours" for key in open_ones]
    lines += [f"loss = {name}({given})", *(f"# {key}: {domain}" for key, domain in card.inputs.items())]
    return "\n".join([*lines, f"value = loss({', '.join([*model, *card.inputs])})"]) + "\n"
