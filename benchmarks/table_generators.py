"""Generators for tables by their authors' own code, fitted to the rare class: CTGAN, TVAE and ForestDiffusion.

    pip install ctgan ForestDiffusion lightgbm
    python benchmarks/table_generators.py FOLDER --only nothing SMOTE DeformationOverSampler CTGAN TVAE
    python benchmarks/table_generators.py --set r_packages --only nothing SMOTE DeformationOverSampler CTGAN TVAE
    python benchmarks/table_generators.py --set textbooks --only nothing SMOTE DeformationOverSampler CTGAN TVAE
    python benchmarks/table_generators.py --report

Each is fitted to the training rows of the rare class, as our network is, and brings it to balance; the judges are those
of `table_rivals.py`. CTGAN and TVAE (Xu et al. 2019, arXiv:1907.00503) train 300 epochs in batches of 50, or of as many
tens as there are rows. ForestDiffusion (Jolicoeur-Martineau et al. 2024, arXiv:2309.09968) has half of its default
trees and copies, since a table would take minutes otherwise. TabEBM and TabPFN bring no weights in their packages, so
they are not here. What `benchmarks/tables/generators.csv` holds is not measured again.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon
from table_cells import KEYS, main
from table_rivals import JUDGES, OURS, judged, resampled

FILE = Path(__file__).parent / "tables" / "generators.csv"
GENERATORS = ("CTGAN", "TVAE", "ForestDiffusion")
METHODS = ("nothing", "SMOTE", OURS, *GENERATORS)


def _networks(name: str, own: pd.DataFrame, words: list[str], n: int, seed: int) -> pd.DataFrame:
    import ctgan

    size = min(50, len(own) // 10 * 10)
    more = {"pac": 10} if name == "CTGAN" else {}
    model = getattr(ctgan, name)(epochs=300, batch_size=size, **more)
    model.set_random_state(seed)
    model.fit(own, words)
    return model.sample(n)


def _forests(own: pd.DataFrame, words: list[str], n: int, seed: int) -> pd.DataFrame:
    from ForestDiffusion import ForestDiffusionModel

    codes, kinds = own.copy(), {}
    for name in words:
        codes[name], kinds[name] = pd.factorize(own[name])
    places = [own.columns.get_loc(name) for name in words]
    options = {"n_t": 50, "duplicate_K": 50, "n_estimators": 50, "diffusion_type": "flow", "n_jobs": 1, "seed": seed}
    model = ForestDiffusionModel(codes.to_numpy(float), cat_indexes=places, **options)
    drawn = pd.DataFrame(model.generate(batch_size=n), columns=own.columns)
    for name in words:
        drawn[name] = kinds[name].take(drawn[name].round().astype(int).clip(0, len(kinds[name]) - 1))
    return drawn


def generated(method: str, rows: pd.DataFrame, labels: np.ndarray, encode: Any, seed: int) -> tuple[Any, np.ndarray]:
    """Training rows, and rows of a generator up to balance, encoded; other methods as in `table_rivals.py`."""
    if method not in GENERATORS:
        return resampled(method, rows, labels, encode, seed)
    own, n = rows[labels].reset_index(drop=True), int((~labels).sum() - labels.sum())
    words = list(own.select_dtypes(exclude="number"))
    new = _forests(own, words, n, seed) if method == "ForestDiffusion" else _networks(method, own, words, n, seed)
    new = new[list(rows)].astype(rows.dtypes.to_dict())
    known = np.append(labels, np.ones(len(new), bool))
    return encode.transform(pd.concat([rows, new], ignore_index=True)), known


def report(records: pd.DataFrame) -> str:
    """Means over the tables on which a method could run, and ours minus it on these, as Markdown."""
    records["mean"] = records[JUDGES].mean(axis=1)
    parts = []
    for kind, rows in records.groupby("set", sort=False):
        of_tables = rows.pivot_table(index="table", columns="method", values="mean")
        seconds = rows.groupby("method").seconds.median()
        lines = [
            f"| {kind}, {len(of_tables)} tables | tables | mean | nothing | ours | ours minus it | p | s, median |"
        ]
        lines.append("|---|" + "---:|" * 7)
        for method in (name for name in METHODS if name in of_tables):
            both = of_tables[of_tables[method].notna()]
            by = both[OURS] - both[method]
            p = f"{wilcoxon(by).pvalue:.3f}" if by.any() else ""
            means = " | ".join(f"{both[name].mean():.4f}" for name in (method, "nothing", OURS))
            gain = f"{by.mean():+.4f} ± {by.sem():.4f}"
            lines.append(f"| {method} | {len(both)} | {means} | {gain} | {p} | {seconds[method]:.1f} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


measure = partial(judged, generated)

if __name__ == "__main__":
    main(
        __doc__,
        FILE,
        [*KEYS, "method", *JUDGES, "seconds"],
        METHODS,
        partial(judged, generated),
        report,
        seed=83,
        n_folds=1,
    )
