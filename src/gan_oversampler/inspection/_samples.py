"""Generated images with the real ones nearest to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.neighbors import NearestNeighbors

from gan_oversampler.inspection._arguments import as_images, image_shape_of, rows_of
from gan_oversampler.inspection._display import Display, Mosaic, as_pictures, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]


@dataclass
class SamplesDisplay(Display):
    """Generated images, and under each the real image nearest to it.

    A generated image that equals the one below it was copied. A generated image that is sharp, of the right class and
    unlike the one below it is new.

    Parameters
    ----------
    generated : ndarray of shape (n, H, W, C)
    nearest : ndarray of shape (n, H, W, C)
        For each generated image, the real image at the smallest Euclidean distance.
    distances : ndarray of shape (n,), float
    value_range : (float, float)
        Values shown black and white: those of the real images.

    Attributes
    ----------
    ax_, figure_ : matplotlib objects, after `plot`

    See Also
    --------
    TableDisplay : The same for a table.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from gan_oversampler import DeformationOverSampler
    >>> X, y = load_digits(return_X_y=True)
    >>> sampler = DeformationOverSampler(sampling_strategy={3: 200}, random_state=0)
    >>> _ = sampler.fit_resample(X[:600], y[:600])
    >>> display = SamplesDisplay.from_estimator(sampler, X[:600], y[:600], 3, n_samples=6)
    >>> display.generated.shape
    (6, 8, 8, 1)
    """

    generated: NDArray[Any]
    nearest: NDArray[Any]
    distances: Floats
    value_range: tuple[float, float]

    @classmethod
    def from_estimator(
        cls, sampler: Any, X: Any, y: Any, label: Any, *, n_samples: int = 20, random_state: Any = None
    ) -> SamplesDisplay:
        """Draw from a fitted sampler and look for the neighbours in its data.

        Parameters
        ----------
        sampler : GANOverSampler or DeformationOverSampler
            Fitted to images.
        X, y : array-likes
            The data it was fitted to, or held-out rows.
        label : label
            A class that it learned.
        n_samples : int, default=20
        random_state : int, RandomState or None, default=None
            As in the sampler's `sample`.
        """
        shape = image_shape_of(sampler)
        generated = sampler.sample(n_samples, label, random_state=random_state)
        return cls.from_arrays(generated, rows_of(X, y, label), image_shape=shape)

    @classmethod
    def from_arrays(
        cls, generated: ArrayLike, real: ArrayLike, *, image_shape: tuple[int, ...] | None = None
    ) -> SamplesDisplay:
        """Look for the neighbours of images among others.

        Parameters
        ----------
        generated : array-like of shape (n, H, W), (n, H, W, C) or (n, p)
        real : array-like of shape (m, ...)
        image_shape : (H, W) or (H, W, C), optional
            Needed for flat rows.
        """
        images, others = as_images(generated, image_shape), as_images(real, image_shape)
        finder = NearestNeighbors(n_neighbors=1).fit(others.reshape(len(others), -1))
        distances, places = finder.kneighbors(images.reshape(len(images), -1))
        limits = float(others.min()), float(others.max())
        return cls(images, others[places[:, 0]], distances[:, 0], limits)

    def _mosaic(self, n_columns: int) -> Mosaic:
        n_bands = math.ceil(len(self.generated) / n_columns)
        pairs = np.stack([as_pictures(rows, *self.value_range) for rows in (self.generated, self.nearest)])
        tiles = np.full((2, n_bands * n_columns, *pairs.shape[2:]), np.nan)
        tiles[:, : pairs.shape[1]] = pairs
        banded = tiles.reshape(2, n_bands, n_columns, *pairs.shape[2:]).swapaxes(0, 1)
        return Mosaic(banded.reshape(2 * n_bands, *banded.shape[2:]), row_breaks=tuple(range(2, 2 * n_bands, 2)))

    def plot(self, ax: Axes | None = None, *, n_columns: int = 10) -> SamplesDisplay:
        """Draw the grid.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        n_columns : int, default=10
        """
        mosaic = self._mosaic(min(n_columns, len(self.generated)))
        ax = new_axes(ax, *mosaic.size(0.5))
        mosaic.draw(ax, ["generated", "nearest real"] * (len(mosaic.tops) // 2))
        return self._drawn_on(ax)
