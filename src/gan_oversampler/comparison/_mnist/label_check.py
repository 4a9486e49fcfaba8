"""Drawn images compared with real ones: whether a classifier takes them for the class, whether they cover it, and
whether they are copies."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan_oversampler import metrics
from gan_oversampler._utils.seeds import generator
from gan_oversampler.comparison._measure.classifiers import digit_classifier, fit, seeded
from gan_oversampler.comparison._measure.draws import Draw
from gan_oversampler.comparison._measure.resampling import Resampled

Floats = npt.NDArray[np.float32]
_FIELDS = ("draw", "method", "n", "share", "share_real", "n_real", "coverage", "coverage_real", "copying")
_N_NEIGHBORS = 5
_SHARES = ("share", "share_real", "coverage", "coverage_real", "copying")


class LabelCheck:
    """Judge drawn images, for each draw, by one large classifier of all classes, fitted on real training images, and
    by nearest neighbours.

    Parameters
    ----------
    X : ndarray of shape (n, n_pixels), float32 in [0, 1]
    labels : ndarray of shape (n,)
        All classes, not one against the rest.
    label : object
        The class that samplers were asked for.
    seed : int
    path : path or None
        CSV file that keeps the outcome, a row per draw and method.
    say : callable
        Takes a line about each outcome.

    Notes
    -----
    The judge is fitted on all real training images of the draw, also those minority images that samplers may
    not see. It is part of the measurement, and no sampler learns from it. It never sees a held-out image, and a
    perfect sampler would score `share_real`, its recall on held-out images of the class. Rows close to training
    images, such as those of SMOTE, score higher, because the judge knows them. It finds malformed images, not
    useful ones.

    Coverage (Naeem et al. 2020) is that of held-out images by as many new ones and, for comparison, by as many real
    ones that no sampler saw. Copying is read off the sampler's own quality report, which leaves out deformed real
    images; NaN if there is none.
    """

    def __init__(
        self,
        X: Floats,
        labels: npt.NDArray[Any],
        label: Any,
        *,
        seed: int,
        path: Path | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        self._X, self._labels, self._label, self._seed, self._path, self._say = (
            X,
            labels,
            label,
            seed,
            path,
            say,
        )
        self._judges: dict[int, Any] = {}
        self.rows: list[dict[str, Any]] = [] if path is None else _load(path)

    def _save(self) -> None:
        if self._path is None:
            return
        with self._path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, _FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(self.rows)

    def _judge(self, draw: Draw) -> Any:
        if draw.number not in self._judges:
            train = np.sort(np.concatenate([draw.minority, draw.majority]))
            judge = seeded(digit_classifier(), self._seed + draw.number)
            self._judges = {draw.number: fit(judge, self._X[train], self._labels[train])}
        return self._judges[draw.number]

    def _share(self, judge: Any, images: Floats) -> float:
        return float(np.mean(judge.predict(images) == self._label))

    def _coverage(self, draw: Draw, held_out: Floats, new: Floats) -> dict[str, float]:
        unseen = self._X[draw.minority[draw.n_kept :]]
        n = min(len(held_out), len(new), len(unseen))
        if n <= _N_NEIGHBORS:
            return {"coverage": np.nan, "coverage_real": np.nan}
        by_new, by_real = (
            metrics.prdc(held_out[:n], rows, n_neighbors=_N_NEIGHBORS).coverage
            for rows in (some_rows(new, n, self._seed + draw.number), unseen[:n])
        )
        return {"coverage": by_new, "coverage_real": by_real}

    def __call__(self, resampled: Resampled) -> None:
        """Judge the new minority rows of one resampling."""
        new = new_minority(resampled)
        if not len(new):
            return
        draw, name = resampled.draw, resampled.method.name
        held_out = self._X[draw.test[self._labels[draw.test] == self._label]]
        judge = self._judge(draw)
        row = {
            "draw": draw.number,
            "method": name,
            "n": len(new),
            "share": self._share(judge, new),
            "share_real": self._share(judge, held_out),
            "n_real": len(held_out),
            **self._coverage(draw, held_out, new),
            "copying": _copying(resampled.sampler),
        }
        self.rows = [r for r in self.rows if (r["draw"], r["method"]) != (draw.number, name)] + [row]
        self._save()
        self._say(
            f"label check, {name}: {row['share']:.2%} of {len(new):,} new images taken for {self._label} "
            f"({row['share_real']:.2%} of {len(held_out):,} real held-out ones); coverage {row['coverage']:.1%} "
            f"({row['coverage_real']:.1%})"
        )

    def to_markdown(self) -> str:
        """The mean over draws for each method."""
        return _to_markdown(self.rows)


def labels_path(records: Path) -> Path:
    """Where the outcome of the label check stands: next to the records."""
    return records.with_suffix(".labels.csv")


def recorded_check(records: Path) -> str:
    """The section of the report on the label check of these records; empty if there is none."""
    rows = _load(labels_path(records))
    return _to_markdown(rows) if rows else ""


def _load(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        texts = list(csv.DictReader(file))
    numbers = dict.fromkeys(("draw", "n", "n_real"), int) | dict.fromkeys(_SHARES, float)
    not_measured = dict.fromkeys(_SHARES, "nan")  # coverage and copying are newer than some files
    return [{k: numbers[k](v) if k in numbers else v for k, v in (not_measured | row).items()} for row in texts]


def _to_markdown(rows: list[dict[str, Any]]) -> str:
    lines = ["## What is drawn", "", _EXPLAINED, ""]
    lines += ["| method | label check | of real images | coverage | by real images | copying |"]
    lines += ["| --- | ---: | ---: | ---: | ---: | ---: |"]
    for name in dict.fromkeys(row["method"] for row in rows):
        mine = [row for row in rows if row["method"] == name]
        cells = (_percent([row[what] for row in mine]) for what in _SHARES)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _percent(shares: list[float]) -> str:
    """The mean of the measured values."""
    measured = [share for share in shares if not np.isnan(share)]
    return f"{np.mean(measured):.1%}" if measured else "-"


def _copying(sampler: Any) -> float:
    """Share of generated rows that are nearer to a training row than other real rows are."""
    report = getattr(sampler, "quality_report_", {}).get(1)
    return float(report.scores.get("copying", np.nan)) if report else np.nan


_EXPLAINED = (
    "Means over draws. Label check: the share of images that a dense classifier (512-256-128-64-32, all classes, "
    "fitted on real training images) takes for the class that was asked for. Coverage of held-out images by as many "
    "new, or other real, ones. Copying: the share of generated images (deformed real ones left out) that lie nearer to "
    "a training image than other real images do; 50 % is chance."
)


def new_minority(resampled: Resampled) -> Any:
    """The minority rows that a sampler added: those after the originals, which come first."""
    n_before = len(resampled.y_before)
    is_new = np.arange(len(resampled.y)) >= n_before
    return resampled.X[is_new & (resampled.y == 1)]


def some_rows(rows: Any, n: int, seed: int) -> Any:
    """`n` of the rows at random: the first ones may descend from a few parents alone (ADASYN sorts by parent)."""
    return rows[generator(seed, "coverage").permutation(len(rows))[:n]]
