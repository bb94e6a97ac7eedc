"""Learns the weights in src/lossmith/doctor/weights from runs with a known fault.

python -m benchmarks.fit_doctor DIR... [--mode curves] [--out FOLDER]

The weights of one mode or both are written as JSON. Temperature and threshold come from runs whose whole task was left
out; how these are told apart is printed.
"""

import argparse
import json
from pathlib import Path

from benchmarks.diagnose import HEALTHY, score, tell_calibration
from benchmarks.doctor_weights import calibrate, collect, fit, folds, left_out, named

OUT = Path(__file__).parents[1] / "src" / "lossmith" / "doctor" / "weights"
GROUPS = 8


def main() -> None:
    """Learn, ask on left-out tasks, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of runs")
    parser.add_argument("--mode", choices=("curves", "live"), help="both where it is left out")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    for mode in (options.mode,) if options.mode else ("curves", "live"):
        learn(options.folders, mode, options.out)


def learn(folders: list[Path], mode: str, out: Path) -> None:
    """Learn the weights of one mode."""
    samples = collect(folders, mode)
    odds = left_out(samples, folds([sample.task for sample in samples], GROUPS))
    whole = [index for index, sample in enumerate(samples) if sample.weight == 1]
    truth = [samples[index].fault for index in whole]
    temperature, threshold = calibrate(odds[whole], truth)
    said = named(odds[whole], temperature, threshold)
    print(f"{mode}: {len(whole)} runs of {len({s.task for s in samples})} tasks, each task left out once; "
          f"temperature {temperature:.2f}, threshold {threshold:.3f}")  # fmt: skip
    for folder in (*folders, Path("/")):
        held = [
            place for place, index in enumerate(whole) if samples[index].run.resolve().is_relative_to(folder.resolve())
        ]
        _tell(str(folder) if folder != Path("/") else "all", [(truth[place], said[place][0]) for place in held])
    tell_calibration([(sure, fault == true) for (fault, sure), true in zip(said, truth, strict=True)])
    content = fit(samples) | {"temperature": round(temperature, 3), "threshold": round(threshold, 3)}
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{mode}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def _tell(name: str, pairs: list[tuple[str, str]]) -> None:
    """Print how one collection's runs were told apart."""
    found = {str(place): [said] if said != HEALTHY else [] for place, (_, said) in enumerate(pairs)}
    summary = score(found, {str(place): {"fault": fault} for place, (fault, _) in enumerate(pairs)})
    alarms = f"{summary['false_alarms_count']} of {summary['healthy_runs']}"
    print(f"  {name}: {len(pairs)} runs, macro-F1 {summary['macro_f1']:.3f}, false alarms {alarms}, "
          f"least recall {min(row['recall'] for row in summary['per_fault'].values()):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
