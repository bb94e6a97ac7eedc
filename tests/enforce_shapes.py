"""Call every loss with its signature enforced; run by test_catalogue.py in a process of its own."""

import jaxtyping
import torch

with jaxtyping.install_import_hook("lossmith.losses", "beartype.beartype"):
    from test_catalogue import CARDS, PLAIN, settings, subject

for name in PLAIN:
    for hyperparameters in settings(CARDS[name]):
        loss = subject(CARDS[name], hyperparameters)
        data = loss.natural(4, 0)
        assert isinstance(loss(*data.values()), torch.Tensor)
    try:
        loss(*[x.tolist() for x in data.values()])
    except jaxtyping.TypeCheckError:
        print(name)
    else:
        raise AssertionError(f"{name}: the import hook is not at work")
