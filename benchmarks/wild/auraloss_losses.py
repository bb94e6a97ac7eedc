"""The losses of auraloss: waveforms."""

from functools import partial

from benchmarks.wild.entry import DISTANCE, WAVES, Wild, takes

LIBRARY = "auraloss"


def losses() -> list[Wild]:
    """List them."""
    from auraloss import freq, time

    small = {"fft_size": 64, "hop_size": 16, "win_length": 64}
    several = {"fft_sizes": [64, 32], "hop_sizes": [16, 8], "win_lengths": [64, 32]}
    spectra = takes(x_mag="P positive N 9 12", y_mag="T positive N 9 12")
    best = {"minimum_at_perfect": True}
    return [
        Wild("ESRLoss", time.ESRLoss, WAVES, {**DISTANCE, "reduction": "mean"}),
        Wild("DCLoss", time.DCLoss, WAVES, {"lower_bound": 0.0, "reduction": "mean"}),
        Wild("LogCoshLoss", time.LogCoshLoss, WAVES, {**DISTANCE, "reduction": "mean", "convex": True}),
        Wild("SNRLoss", time.SNRLoss, WAVES, best),
        Wild("SISDRLoss", time.SISDRLoss, WAVES, best),
        Wild("SDSDRLoss", time.SDSDRLoss, WAVES, best),
        Wild("STFTLoss", partial(freq.STFTLoss, **small), WAVES, DISTANCE),
        Wild("MultiResolutionSTFTLoss", partial(freq.MultiResolutionSTFTLoss, **several), WAVES, DISTANCE),
        Wild("STFTLoss(w_phs)", partial(freq.STFTLoss, w_phs=1.0, **small), WAVES, DISTANCE),
        Wild("SpectralConvergenceLoss", freq.SpectralConvergenceLoss, spectra, DISTANCE),
        Wild("STFTMagnitudeLoss", freq.STFTMagnitudeLoss, spectra, DISTANCE),
        Wild("STFTMagnitudeLoss(L2)", partial(freq.STFTMagnitudeLoss, distance="L2"), spectra, DISTANCE),
        Wild("SumAndDifferenceSTFTLoss", partial(freq.SumAndDifferenceSTFTLoss, **several),
             takes(input="P real N 2 256", target="T real N 2 256"), DISTANCE),
    ]  # fmt: skip
