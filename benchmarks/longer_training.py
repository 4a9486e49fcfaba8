"""Does the network need more steps where images are few? 100 images of a digit, one development draw.

    python benchmarks/longer_training.py --data mnist.npz

The images, the judge and the protocol are those of headline.py. The root seed is the one on which the networks of 26
November were chosen. A file of records for each digit is written, row by row; the command goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from headline import JUDGE, some_rows

from gan_oversampler import GANOverSampler
from gan_oversampler.comparison import DenseClassifier, compare_samplers

SEED, N_IMAGES = 4, 100
SAMPLERS = {
    "GAN, 1,400 steps": GANOverSampler(image_shape="auto", max_iter=1_400),
    "GAN, 2,800 steps": GANOverSampler(image_shape="auto", max_iter=2_800),
    "GAN, 2,800 steps, half deformed": GANOverSampler(image_shape="auto", max_iter=2_800, deformed_share=0.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="mnist.npz (without: a download, cached)")
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--records", type=Path, default=Path(__file__).with_name("longer-training"))
    options = parser.parse_args()
    X, y = some_rows(options.data)
    options.records.mkdir(parents=True, exist_ok=True)
    for digit in range(10):
        compare_samplers(
            X,
            y,
            minority=digit,
            n_minority=N_IMAGES,
            samplers=SAMPLERS,
            methods=["affine", "DeformationOverSampler", *SAMPLERS],
            classifier={JUDGE: DenseClassifier()},
            n_draws=options.draws,
            n_classifier_seeds=1,
            learning_curve=False,
            threshold_size=None,
            records=options.records / f"digit{digit}.csv",
            random_state=SEED,
            verbose=1,
        )


if __name__ == "__main__":
    main()
