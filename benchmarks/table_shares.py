"""The shares of repeated, interpolated and perturbed rows, and how far they move: other settings than the code's.

    python benchmarks/table_shares.py FOLDER
    python benchmarks/table_shares.py --set r_packages
    python benchmarks/table_shares.py --report

The folder holds CSV files whose last column is the label, cut as in `tables.py`. Each setting balances the training
rows of stratified folds, and three classifiers are judged on the rows left out. What `benchmarks/tables/shares.csv`
holds is not measured again.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from table_cells import KEYS, differences, main, split
from tables import _held_out as precision
from tables import classifiers
from tables_data import Table

from gan_oversampler import DeformationOverSampler
from gan_oversampler._perturbation import Mixture, pick

FILE = Path(__file__).parent / "tables" / "shares.csv"
JUDGES = ["dense", "logistic", "boosted"]
DEFAULT = "as it is"
SETTINGS = {  # shares of the three parts, and the strength of the learned difference in each
    DEFAULT: ((1, 1, 1), (0, 0.5, 0.75)),
    "repeated alone": ((1, 0, 0), (0, 0, 0)),
    "interpolated alone": ((0, 1, 0), (0, 0.5, 0)),
    "perturbed alone": ((0, 0, 1), (0, 0, 0.75)),
    "none repeated": ((0, 1, 1), (0, 0.5, 0.75)),
    "none interpolated": ((1, 0, 1), (0, 0, 0.75)),
    "none perturbed": ((1, 1, 0), (0, 0.5, 0)),
    "half repeated": ((2, 1, 1), (0, 0.5, 0.75)),
    "interpolated as SMOTE does": ((1, 1, 1), (0, 0, 0.75)),
    "weaker": ((1, 1, 1), (0, 0.25, 0.5)),
    "stronger": ((1, 1, 1), (0, 0.75, 1)),
}


def draw(shares: Any, strengths: Any, self: Mixture, n: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """`Mixture.draw` with other shares and strengths."""
    parents = rng.integers(len(self.rows), size=n)
    part = rng.choice(3, size=n, p=np.array(shares) / sum(shares))
    tensors = self.rows[parents]
    moving = tensors[:, : self.perturbation.n_numeric]
    towards = self.rows[pick(self.neighbours[parents], rng), : self.perturbation.n_numeric]
    moving += (rng.random((n, 1)) * (part == 1)[:, None]).astype(np.float32) * (towards - moving)
    change = self.perturbation.draw(self.near[parents], rng)
    moving += np.array(strengths, np.float32)[part][:, None] * change
    return tensors, parents


def measure(table: Table, seed: int, fold: int, setting: str) -> list[list[str]]:
    """Average precision of each classifier."""
    rows, labels, encode, left_out, truth = split(table, seed, fold)
    shares, strengths = SETTINGS[setting]

    def drawn(self: Mixture, n: int, rng: np.random.Generator) -> tuple[Any, Any]:
        return draw(shares, strengths, self, n, rng)

    with patch.object(Mixture, "draw", drawn):
        made, new_labels = DeformationOverSampler(random_state=fold).fit_resample(rows, labels)
    seen, held_out = encode.transform(made), encode.transform(left_out)
    return [[f"{precision(members, seen, new_labels, held_out, truth):.5f}" for members in classifiers(fold).values()]]


def report(records: pd.DataFrame) -> str:
    """Differences from the setting of the code."""
    return differences(records, "setting", DEFAULT, JUDGES)


if __name__ == "__main__":
    main(__doc__, FILE, [*KEYS, "setting", *JUDGES], list(SETTINGS), measure, report)
