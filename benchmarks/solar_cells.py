"""Solar cells in electroluminescence: what each fixed deformation is worth for finding the broken ones.

Cells that are defective for certain are rare (60) among cells that are functional for certain. Fixed choices stand
beside what `DeformationOverSampler` chooses by itself. Needs the package elpv-dataset.

    python benchmarks/solar_cells.py --seed 11 --records benchmarks/solar-cells/development.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path

from symmetry_trials import Trial, beyond_bending

from gan_oversampler import DeformationOverSampler
from gan_oversampler._deformation.deformations import Tone
from gan_oversampler.comparison import compare_samplers
from gan_oversampler.datasets import load_solar_cells

BOTH = ("left-right", "up-down")
FIXED = {
    "mirrored": beyond_bending(symmetry=BOTH),
    "mirrored, tone": beyond_bending(symmetry=BOTH, tone=Tone(0.4, 0.1)),
    "mirrored, affine": Trial(symmetry=BOTH),
    "mirrored, half affine": Trial(symmetry=BOTH, strength=0.5),
    "mirrored and turned": beyond_bending(symmetry=("left-right", "up-down", "quarter turn")),
}
METHODS = ("nothing", "RandomOverSampler", "SMOTE", "affine", *FIXED, "DeformationOverSampler", "oracle")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--n-minority", type=int, default=60)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--records", type=Path, required=True, help="a CSV file")
    options = parser.parse_args()
    images, probability = load_solar_cells(options.size)
    certain = (probability == 0) | (probability == 1)
    options.records.parent.mkdir(exist_ok=True)
    compare_samplers(
        images[certain],
        probability[certain] == 1,
        minority=True,
        n_minority=options.n_minority,
        test_size=0.3,
        samplers={name: DeformationOverSampler(deformation=trial) for name, trial in FIXED.items()},
        methods=options.methods,
        n_draws=options.draws,
        n_classifier_seeds=options.classifier_seeds,
        learning_curve=False,
        threshold_size=None,
        records=options.records,
        random_state=options.seed,
        verbose=1,
    ).report()


if __name__ == "__main__":
    main()
