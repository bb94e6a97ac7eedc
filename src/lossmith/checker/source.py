"""A loss by its address: `file.py:Name`, `package.module:name`, `lossmith:name`."""

import difflib
import functools
import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from lossmith.checker.address import parted

Loss = Callable[..., Any]


@dataclass(frozen=True)
class Loaded:
    """A loss, found."""

    name: str
    make: Callable[[], Loss]
    assumed: list[str]
    """What was assumed on the way, a sentence each."""
    setup: tuple[str, ...] = ()
    """Lines of code that import and build it."""
    called: str = "loss"
    """What those lines call it."""
    keywords: str = ""
    """Settings passed with each call."""


def load(address: str, settings: Mapping[str, Any], shown: str = "") -> Loaded:
    """Return a loss by its address.

    Args:
        address: where it is.
        settings: hyperparameters to build or call it with.
        shown: the address as the user wrote it.

    Raises:
        ValueError: there is no such file, module or name, or it cannot be built.
    """
    module_name, name = parted(address)
    if module_name == "lossmith" and name:
        from lossmith import registry
        from lossmith.checker import cards

        card = registry.card(name)
        _refuse_unknown(name, inspect.signature(card.module.function), settings)
        wanted = cards.settings(card, settings)
        built = f"loss = lossmith.load({', '.join([repr(name), *filter(None, [spelled(wanted)])])})"
        return Loaded(name, lambda: registry.load(name, **wanted), [], ("import lossmith", built))
    return given(found(address)[1], settings, name, parted(shown or address)[0])


def given(loss: Any, settings: Mapping[str, Any], name: str = "", home: str = "") -> Loaded:
    """Return a loss that is at hand.

    Args:
        loss: a module, a class or a function.
        settings: hyperparameters to build or call it with.
        name: what it is called where it lives.
        home: the module or file it lives in; by default its own.
    """
    make, assumed = adapted(loss, settings)
    known = name or getattr(loss, "__name__", type(loss).__name__)
    own = getattr(loss, "__module__", None) or ""
    if not home and own != "__main__" and getattr(loss, "__qualname__", "") == known and known.isidentifier():
        home = own if getattr(sys.modules.get(own), known, None) is loss else ""
    named = known.isidentifier() and bool(name or getattr(loss, "__name__", ""))
    lines = _imported(home, known) if home and named else ()
    if inspect.isclass(loss):
        return Loaded(known, make, assumed, (*lines, f"loss = {known}({spelled(settings)})"))
    called = known if named else "loss"
    return Loaded(known, make, assumed, lines, called, spelled(settings))


def spelled(settings: Mapping[str, Any]) -> str:
    """Write settings as keywords."""
    said = {name: f"torch.tensor({v.tolist()})" if isinstance(v, Tensor) else repr(v) for name, v in settings.items()}
    return ", ".join(f"{name}={value}" for name, value in said.items())


def _imported(home: str, name: str) -> tuple[str, ...]:
    """Return the lines that import a name from a module, or a file.

    A file is named as the user wrote its path.
    """
    if not home.endswith(".py"):
        return (f"from {home} import {name}",)
    folder, stem = str(Path(home).parent), Path(home).stem
    if not stem.isidentifier():
        return ("import runpy", f"{name} = runpy.run_path({home!r})[{name!r}]")
    start = () if folder == "." else ("import sys", f"sys.path.insert(0, {folder!r})")
    return (*start, f"from {stem} import {name}")


def found(address: str) -> tuple[str, Any]:
    """Return the name and the object at an address.

    Raises:
        ValueError: there is no such file, module or name.
    """
    module_name, name = parted(address)
    module = _module(module_name, address)
    if not name or not hasattr(module, name):
        public = [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]
        own = [n for n in public if getattr(getattr(module, n), "__module__", "") == module.__name__]
        listed = ", ".join(own[:12]) + (" ..." if len(own) > 12 else "") if own else "no function or class"
        near = (difflib.get_close_matches(name, own, 1) or own)[:1]
        file = Path(module_name).name
        wanted = f"hold a loss called {name!r}" if name else "be followed by the name of what is to be checked"
        raise ValueError(f"{file} should {wanted}. Found in it: {listed}. Try {file}:{near[0] if near else 'NAME'}.")
    return name, getattr(module, name)


def adapted(found: Any, settings: Mapping[str, Any]) -> tuple[Callable[[], Loss], list[str]]:
    """Return what builds the loss, called with tensors, and what was assumed.

    A class is built with the settings; a function gets them as keywords; a Keras loss has its arguments turned round; a
    NumPy function is called with arrays.
    """
    if callable(found):
        _refuse_unknown(getattr(found, "__name__", "it"), _signature(found), settings)
    if inspect.isclass(found):
        needed = [p.name for p in _parameters(found) if p.default is p.empty and p.name not in settings]
        if needed:
            raise ValueError(
                f"{found.__name__} should be built without more arguments. Found {', '.join(needed)} without a "
                f"default. Try --with {needed[0]}=..."
            )

        kind: Any = found

        def make() -> Loss:
            built: Loss = kind(**settings)
            return built

    else:
        called: Any = functools.partial(found, **settings) if settings else found

        def make() -> Loss:
            loss: Loss = called
            return loss

    if not callable(found):
        raise ValueError(f"A loss should be callable. Found {type(found).__name__}.")
    try:
        loss = make()
    except Exception as error:
        raise ValueError(
            f"The loss should be built by {found.__name__}(). Found {type(error).__name__}: {error}"
        ) from error
    if _keras(loss):
        _refuse_other_backends()
        return functools.partial(_turned, make), ["It is a Keras loss: called as (y_true, y_pred)."]
    if _arrays(loss):
        return functools.partial(_with_arrays, make), ["It computes with NumPy: it is called with arrays."]
    return make, []


def _refuse_unknown(name: str, signature: inspect.Signature | None, settings: Mapping[str, Any]) -> None:
    """Refuse settings that a loss does not take."""
    if signature is None or any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
        return
    for key in settings:
        if key not in signature.parameters:
            known = [p.name for p in signature.parameters.values() if p.default is not p.empty]
            near = difflib.get_close_matches(key, known, 1)
            raise ValueError(
                f"--with should name settings of {name}: {', '.join(known) or 'it has none with a default'}. "
                f"Found {key}. Try {f'{near[0]}=' if near else 'without it'}."
            )


def _signature(found: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(found)
    except (TypeError, ValueError):
        return None


def _module(name: str, address: str) -> ModuleType:
    if name.endswith(".py"):
        path = Path(name)
        if not path.is_file():
            raise ValueError(f"A loss's file should exist. Found none at {name}. Try file.py:Name.")
        spec = importlib.util.spec_from_file_location(f"checked_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ValueError(f"A loss's file should be Python. Found {name}.")
        module = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(path.resolve().parent))
        sys.modules[spec.name] = module  # dataclasses and pickles look their module up
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ValueError(f"{name} should run. Found {type(error).__name__}: {error}{_place(error)}") from error
        return module
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ValueError(
            f"{address!r} should name a loss that can be imported. Found: {error}. Try file.py:Name."
        ) from error


def _parameters(found: Any) -> list[inspect.Parameter]:
    signature = _signature(found)
    every = () if signature is None else signature.parameters.values()
    return [p for p in every if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]


def _place(error: Exception) -> str:
    """Return where the user's own code failed: it may be a file that it imports."""
    home = Path(__file__).parents[1]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_file()]
    own = [f for f in frames if "site-packages" not in f.filename and home not in Path(f.filename).parents]
    return f" ({own[-1].filename}, line {own[-1].lineno})" if own else ""


def _keras(loss: Loss) -> bool:
    home = type(loss).__module__ if not inspect.isroutine(loss) else getattr(loss, "__module__", "") or ""
    names = [p.name for p in _parameters(getattr(loss, "call", loss))][:2]
    return home.split(".")[0] in ("keras", "tf_keras") or (names == ["y_true", "y_pred"] and hasattr(loss, "call"))


def _refuse_other_backends() -> None:
    """A tensor of torch can only be handed to Keras on torch."""
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if keras is not None else "torch"
    if backend != "torch":
        raise ValueError(
            f"A Keras loss should run on the torch backend. Found {backend}. "
            "Try KERAS_BACKEND=torch, or check it in the child process."
        )


def _turned(make: Callable[[], Loss]) -> Loss:
    loss = make()

    def called(y_pred: Tensor, y_true: Tensor) -> Any:
        return loss(y_true, y_pred)

    called.__name__ = getattr(loss, "__name__", type(loss).__name__)
    called.__doc__ = inspect.getdoc(loss if inspect.isroutine(loss) else type(loss))
    called.turned = True  # type: ignore[attr-defined]
    if not inspect.isroutine(loss) and hasattr(loss, "dtype"):  # its call casts to single precision
        called.precision = torch.float32  # type: ignore[attr-defined]
    return called


def _arrays(loss: Loss) -> bool:
    """Whether a function computes with NumPy.

    Its globals name it and it has no use of torch.
    """
    names = getattr(loss, "__globals__", {})
    used = set(getattr(getattr(loss, "__code__", None), "co_names", ()))
    modules = {n: v.__name__.split(".")[0] for n, v in names.items() if inspect.ismodule(v) and n in used}
    return bool(modules) and "numpy" in modules.values() and not {"torch", "jax", "tensorflow"} & set(modules.values())


def _array(x: Tensor) -> Any:
    """Return a tensor as an array on the same memory; NumPy has no bfloat16."""
    x = x.detach()
    return (x.float() if x.dtype == torch.bfloat16 else x).numpy()


def _with_arrays(make: Callable[[], Loss]) -> Loss:
    loss = make()
    names = [p.name for p in _parameters(loss) if p.default is p.empty]

    def called(*tensors: Tensor) -> Any:
        return torch.as_tensor(loss(*(_array(x) for x in tensors)))

    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    )
    called.__name__ = getattr(loss, "__name__", "loss")
    called.__doc__ = inspect.getdoc(loss)
    called.without_gradient = True  # type: ignore[attr-defined]
    return called
