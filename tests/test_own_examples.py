"""Datasets of a user's own: targets as numbers, inputs in batches, and what is refused."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from lossmith.training.own.examples import Examples, check_dataset, targets
from own_data import Pairs, rows

X = torch.arange(12.0).view(6, 2)


def batch(datasets, places, **options):
    (inputs,) = Examples(tuple(datasets), **options).batches([np.array(places)])
    return inputs


def called(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize("workers", [0, 2])
def test_items_and_tensors_give_the_same_batches(workers):
    fast, slow = TensorDataset(X, torch.arange(6)), Pairs([(X[i], i) for i in range(6)])
    for dataset in (fast, slow):
        (one,), kwargs = batch([dataset], [4, 1], num_workers=workers).call(called)
        assert not kwargs
        assert torch.equal(one, X[[4, 1]])


def test_datasets_lie_one_after_another():
    for kind in (lambda part: TensorDataset(part, torch.zeros(len(part))), lambda part: Pairs([(x, 0) for x in part])):
        (one,), _ = batch([kind(X[:4]), kind(X[4:])], [0, 5, 3]).call(called)
        assert torch.equal(one, X[[0, 5, 3]])


def test_a_dict_becomes_keywords_and_a_tuple_arguments():
    (args, kwargs) = batch([Pairs([({"ids": X[i], "mask": X[i, 0]}, i) for i in range(6)])], [1, 2]).call(called)
    assert args == ()
    assert torch.equal(kwargs["ids"], X[[1, 2]])
    assert torch.equal(kwargs["mask"], X[[1, 2], 0])
    for dataset in (
        Pairs([((X[i], X[i, 1]), i) for i in range(6)]),
        Pairs([(X[i], X[i, 1], i) for i in range(6)]),
        TensorDataset(X, X[:, 1], torch.arange(6)),
    ):
        (first, second), _ = batch([dataset], [3, 0]).call(called)
        assert torch.equal(first, X[[3, 0]])
        assert torch.equal(second, X[[3, 0], 1])


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0, 1, 2], np.int64),
        ([np.int32(0), np.int8(1), 2], np.int64),
        ([True, False, True], np.int64),
        ([torch.tensor(0), torch.tensor([1]), torch.tensor(2, dtype=torch.uint8)], np.int64),
        ([0.5, np.float32(1.5), torch.tensor(2.5)], np.float64),
        ([0, 1.0, 2], np.float64),
    ],
)
def test_any_number_is_a_target(values, dtype):
    found = targets(Pairs([(X[0], value) for value in values]), "train")
    assert found.dtype == dtype
    assert found.tolist() == [float(value) for value in values]


def test_tensors_of_targets_need_no_pass():
    assert targets(rows(), "train").tolist() == rows().tensors[1].tolist()
    assert targets(TensorDataset(X, X[:, :1]), "train").tolist() == X[:, 0].tolist()


def test_reading_tells_how_far_it_is():
    told = []
    targets(Pairs([(X[0], i) for i in range(600)]), "train", progress=lambda done, total: told.append((done, total)))
    assert told == [(256, 600), (512, 600), (600, 600)]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("cat", "'cat'"),
        (None, "None"),
        (torch.zeros(3), r"shape \(3,\)"),
        (np.zeros((2, 2)), r"shape \(2, 2\)"),
        (1j, "1j"),
        ({"label": 1}, "label"),
    ],
)
def test_a_target_that_is_no_number_is_refused(value, found):
    with pytest.raises(ValueError, match=rf"one number.*Found .*{found}.* in example 1 of `train`"):
        targets(Pairs([(X[0], 0), (X[0], value)]), "train")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_target_that_is_not_finite_is_refused(value):
    for dataset in (Pairs([(X[0], 0.0), (X[0], value)]), TensorDataset(X[:2], torch.tensor([0.0, value]))):
        with pytest.raises(ValueError, match=rf"finite. Found {value} in example 1 of `train`, and 1 such"):
            targets(dataset, "train")
    with pytest.raises(ValueError, match=r"one number.*shape \(2,\)"):
        targets(TensorDataset(X, X), "train")


class Endless(IterableDataset):
    def __iter__(self):
        yield X[0], 1


@pytest.mark.parametrize(
    ("dataset", "kind", "message"),
    [
        (Endless(), TypeError, r"__len__.*Found Endless.*Try `list\(train\)`"),
        (DataLoader(rows()), TypeError, r"Found a DataLoader. Try its `.dataset`"),
        (7, TypeError, "Found int"),
        ((x for x in X), TypeError, "Found generator"),
        (Pairs([]), ValueError, "Found none"),
        (Pairs([X[0]]), ValueError, "pairs. Found a Tensor"),
        (TensorDataset(X), ValueError, "pairs. Found a tuple of 1"),
        (Pairs([{"x": X[0], "y": 1}]), ValueError, "pairs. Found a dict"),
    ],
)
def test_what_is_no_dataset_is_refused(dataset, kind, message):
    with pytest.raises(kind, match=message):
        check_dataset(dataset, "train")


def test_a_list_of_pairs_is_a_dataset():
    check_dataset([(X[0], 1)], "train")
