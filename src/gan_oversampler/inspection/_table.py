"""Real against generated rows of a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import ks_2samp
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted

from gan_oversampler.inspection._arguments import dense, rows_of
from gan_oversampler.inspection._display import GENERATED, REAL, PanelsDisplay, new_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]


def _column_names(X: Any, n_columns: int) -> list[str]:
    return [str(name) for name in X.columns] if hasattr(X, "columns") else [f"column {i}" for i in range(n_columns)]


def _correlation(rows: Floats) -> Floats:
    """Correlations of the columns, 0 for a constant one: ndarray of shape (p, p)."""
    scores = StandardScaler().set_output(transform="default").fit_transform(rows)
    return scores.T @ scores / len(scores)


def _least_alike_pair(real: Floats, generated: Floats) -> tuple[int, int]:
    """The two columns whose correlation differs most."""
    gap = np.triu(np.abs(_correlation(real) - _correlation(generated)), k=1)
    first, second = np.unravel_index(np.argmax(gap), gap.shape)
    return int(first), int(second)


def _principal_axes(scores: Floats) -> tuple[Floats, float]:
    """The first two principal axes, of shape (p, 2), and their share of the variance (0 of constant columns)."""
    _, lengths, axes = np.linalg.svd(scores, full_matrices=False)
    total = (lengths**2).sum()
    return axes[:2].T, float((lengths[:2] ** 2).sum() / total) if total > 0 else 0.0


@dataclass
class TableDisplay(PanelsDisplay):
    """Real against generated table rows: marginals, a pair of columns, and a projection on two components.

    By default it shows the worst: the columns whose distributions differ most, and the pair of columns whose
    correlation differs most.

    Parameters
    ----------
    real : ndarray of shape (n, p), float64
    generated : ndarray of shape (m, p), float64
    columns : list of int
        Columns whose marginals are drawn.
    names : list of str
        Of all p columns.

    Attributes
    ----------
    axes_ : ndarray of matplotlib Axes, after `plot`
        The marginals, then the pair (where there are two columns or more), then the projection.
    figure_ : matplotlib Figure, after `plot`

    See Also
    --------
    SamplesDisplay : The same for images.
    """

    real: Floats
    generated: Floats
    columns: list[int]
    names: list[str]

    @classmethod
    def from_estimator(
        cls,
        sampler: Any,
        X: Any,
        y: Any,
        label: Any,
        *,
        columns: Sequence[int | str] | None = None,
        n_samples: int | None = None,
        random_state: Any = None,
    ) -> TableDisplay:
        """Draw from a fitted sampler and compare the rows with its data.

        Parameters
        ----------
        sampler : GANOverSampler or DeformationOverSampler
        X, y : array-likes
            The data it was fitted to, or held-out rows.
        label : label
            A class that it learned.
        columns : list of int or str, optional
            By default the four whose distributions differ most.
        n_samples : int, optional
            By default as many as there are real rows of the class.
        random_state : int, RandomState or None, default=None
            As in the sampler's `sample`.
        """
        check_is_fitted(sampler, "models_")
        real = rows_of(X, y, label)
        generated = sampler.sample(len(real) if n_samples is None else n_samples, label, random_state=random_state)
        names = _column_names(X, int(np.prod(real.shape[1:])))
        return cls.from_arrays(real, generated, columns=columns, names=names)

    @classmethod
    def from_arrays(
        cls,
        real: ArrayLike,
        generated: ArrayLike,
        *,
        columns: Sequence[int | str] | None = None,
        names: Sequence[str] | None = None,
    ) -> TableDisplay:
        """Compare two sets of rows.

        Parameters
        ----------
        real : array-like of shape (n, p)
        generated : array-like of shape (m, p)
        columns : list of int or str, optional
            By default the four whose distributions differ most, by the Kolmogorov-Smirnov distance.
        names : list of str, optional
        """
        a, b = (rows.astype(np.float64).reshape(len(rows), -1) for rows in map(dense, (real, generated)))
        if a.shape[1] != b.shape[1]:
            raise ValueError(f"Rows of one width are expected, but real has {a.shape[1]} and generated {b.shape[1]}.")
        if min(len(a), len(b)) < 2:
            raise ValueError(f"At least 2 rows a side are expected, but there are {len(a)} real, {len(b)} generated.")
        known = _column_names(real, a.shape[1]) if names is None else list(names)
        if columns is None:
            gaps = [ks_2samp(a[:, i], b[:, i]).statistic for i in range(a.shape[1])]
            columns = [int(i) for i in np.argsort(gaps)[::-1][:4]]
        return cls(a, b, [known.index(c) if isinstance(c, str) else int(c) for c in columns], known)

    def _marginal(self, ax: Axes, column: int) -> None:
        values = self.real[:, column], self.generated[:, column]
        bins = np.histogram_bin_edges(np.concatenate(values), bins=24).tolist()
        for side, color in zip(values, (REAL, GENERATED), strict=True):
            weights = np.full(len(side), 1 / len(side))
            ax.hist(side, bins=bins, weights=weights, histtype="stepfilled", color=color, alpha=0.25)
            ax.hist(side, bins=bins, weights=weights, histtype="step", color=color, lw=1.4)
        ax.set_title(self.names[column], fontsize="medium")
        ax.set_yticks([])

    def _scatter(self, ax: Axes, real: Floats, generated: Floats) -> None:
        for side, color, marker in ((real, REAL, "o"), (generated, GENERATED, "^")):
            ax.scatter(side[:, 0], side[:, 1], s=11, color=color, marker=marker, alpha=0.45, lw=0)
        ax.set_xticks([])
        ax.set_yticks([])

    def _pair(self, ax: Axes) -> None:
        pair = list(_least_alike_pair(self.real, self.generated))
        self._scatter(ax, self.real[:, pair], self.generated[:, pair])
        ax.set(xlabel=self.names[pair[0]], ylabel=self.names[pair[1]])
        ax.set_title("least alike pair", fontsize="medium")

    def _projection(self, ax: Axes) -> None:
        scaler = StandardScaler().set_output(transform="default").fit(self.real)
        real, generated = (scaler.transform(rows) for rows in (self.real, self.generated))
        axes, share = _principal_axes(real)
        self._scatter(ax, real @ axes, generated @ axes)
        ax.set(xlabel="first component", ylabel="second component")
        ax.set_title(f"projection ({share:.0%} of variance)", fontsize="medium")

    def plot(self, ax: Axes | None = None) -> TableDisplay:
        """Draw the panels, three per row.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Divided into panels; a new figure by default.
        """
        drawers: list[Callable[[Axes], None]] = [partial(self._marginal, column=c) for c in self.columns]
        drawers += [self._pair, self._projection] if self.real.shape[1] > 1 else []
        shape = math.ceil(len(drawers) / 3), min(3, len(drawers))
        panels = new_panels(ax, shape, 2.4 * shape[1], 2.2 * shape[0])
        for panel, draw in zip(panels.flat, drawers, strict=False):
            draw(panel)
        for panel in panels.flat[len(drawers) :]:
            panel.set_axis_off()
        self._legend(panels.flat[len(drawers) - 1])
        return self._drawn_on(panels)

    def _legend(self, ax: Axes) -> None:
        from matplotlib.patches import Patch

        handles = [Patch(color=REAL, label="real"), Patch(color=GENERATED, label="generated")]
        ax.legend(handles=handles, fontsize="small", handlelength=1)
