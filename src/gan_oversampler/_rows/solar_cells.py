"""Solar cells in electroluminescence, some broken: real pictures from the package `elpv-dataset`."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def load_solar_cells(size: int = 64) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float64]]:
    """Load 2,624 solar cells and how likely each is defective.

    Parameters
    ----------
    size : int, default=64
        Height and width of the images, in pixels; the originals have 300, and smaller ones are means over their pixels.

    Returns
    -------
    images : ndarray of shape (2624, size, size), uint8 in [0, 255]
        One cell each, grey, seen from above.
    probability : ndarray of shape (2624,), float64
        That the cell is defective, as an expert judged it: 0 (1,508 cells), 1/3 (295), 2/3 (106) or 1 (715).

    Raises
    ------
    ImportError
        If the package that holds the images is missing.
    ValueError
        If the size is not a whole number from 4 to 300.

    Notes
    -----
    The images are licensed for non-commercial use (CC BY-NC-SA 4.0), so their package is no dependency of this one.

    References
    ----------
    Buerhop-Lutz, C. et al. (2018). A benchmark for visual identification of defective solar cells in
    electroluminescence imagery. doi:10.4229/35thEUPVSEC20182018-5CV.3.15

    Examples
    --------
    >>> from gan_oversampler.datasets import load_solar_cells
    >>> images, probability = load_solar_cells(size=32)  # doctest: +SKIP
    >>> images.shape  # doctest: +SKIP
    (2624, 32, 32)
    """
    if not isinstance(size, int | np.integer) or not 4 <= size <= 300:
        raise ValueError(f"size must be a whole number of pixels from 4 to 300, but it is {size!r}.")
    try:
        from elpv_dataset.utils import load_dataset
    except ImportError as error:
        raise ImportError(
            "The solar cells come with the package elpv-dataset, which is not installed: pip install elpv-dataset."
        ) from error
    from PIL import Image

    images, probability, _ = load_dataset()
    small = [Image.fromarray(image).resize((size, size), Image.Resampling.BOX) for image in images]
    # The file has three digits.
    return np.stack([np.asarray(image) for image in small]), np.round(3 * probability) / 3
