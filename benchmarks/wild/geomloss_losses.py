"""The losses of geomloss: distances between clouds of points."""

from functools import partial

from benchmarks.wild.entry import Wild, takes

LIBRARY = "geomloss"


def losses() -> list[Wild]:
    """List them."""
    from geomloss import SamplesLoss

    clouds = takes(x="P embeddings M D", y="T embeddings M D")
    claims = {"lower_bound": 0.0, "minimum_at_perfect": True, "minimum_value": 0.0, "batch_level_statistics": True}
    return [
        Wild(f"SamplesLoss({name})", partial(SamplesLoss, name, blur=1.0, backend="tensorized"), clouds, claims)
        for name in ("sinkhorn", "hausdorff", "energy", "gaussian", "laplacian")
    ]
