"""Augmentations of images, each a callable of images and a random generator.

`DeformationOverSampler` takes one as its `deformation`, and `ConvolutionalClassifier` as its `augmentation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gan_oversampler.comparison._rivals.picture_operations import OPERATIONS, Operation

Images = NDArray[np.float32]
_BINS = 31  # magnitudes, from 0 to 30


def _as_bytes(image: Images) -> NDArray[np.uint8]:
    return np.clip(np.round((image + 1) * 127.5), 0, 255).astype(np.uint8)


def _parts(channels: int) -> list[slice]:
    """Channels that form one picture: three are colours, any other number so many grey pictures."""
    return [slice(0, 3)] if channels == 3 else [slice(i, i + 1) for i in range(channels)]


def operated(image: Images, operation: Operation, amount: float) -> Images:
    """An image of shape (H, W, C), float32 in [-1, 1], after one operation on its 256 levels of brightness."""
    levels = _as_bytes(image)
    result = np.empty_like(levels)
    for part in _parts(levels.shape[2]):
        picture = Image.fromarray(levels[..., part].squeeze(axis=2) if part.stop - part.start == 1 else levels)
        result[..., part] = np.asarray(operation.apply(picture, amount)).reshape(*levels.shape[:2], -1)
    return result.astype(np.float32) / np.float32(127.5) - 1


def _some_operation(rng: np.random.Generator) -> Operation:
    return list(OPERATIONS.values())[rng.integers(len(OPERATIONS))]


def _sign(operation: Operation, rng: np.random.Generator) -> int:
    return -1 if operation.signed and rng.random() < 0.5 else 1


@dataclass(frozen=True)
class TrivialAugment:
    """One random operation of fourteen for each image, at a random strength, with nothing to tune.

    References
    ----------
    Müller, S. G. and Hutter, F. (2021). TrivialAugment: tuning-free yet state-of-the-art data augmentation.
    arXiv:2103.10158. The space is the paper's "wide" one.
    """

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Augment images of shape (n, H, W, C), float32 in [-1, 1]."""
        return np.stack([self._augmented(image, rng) for image in images])

    def _augmented(self, image: Images, rng: np.random.Generator) -> Images:
        operation = _some_operation(rng)
        amount = operation.wide * rng.integers(_BINS) / (_BINS - 1)
        return operated(image, operation, _sign(operation, rng) * amount)


@dataclass(frozen=True)
class RandAugment:
    """Some random operations of fourteen for each image, one after the other, all at one strength.

    Parameters
    ----------
    n_operations, magnitude : int
        How many, and how strong on a scale to 30. The defaults are the paper's for a ResNet-50 on ImageNet.

    References
    ----------
    Cubuk, E. D. et al. (2020). RandAugment: practical automated data augmentation with a reduced search space.
    arXiv:1909.13719
    """

    n_operations: int = 2
    magnitude: int = 9

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Augment images of shape (n, H, W, C), float32 in [-1, 1]."""
        return np.stack([self._augmented(image, rng) for image in images])

    def _augmented(self, image: Images, rng: np.random.Generator) -> Images:
        for _ in range(self.n_operations):
            operation = _some_operation(rng)
            amount = operation.narrow * self.magnitude / (_BINS - 1)
            image = operated(image, operation, _sign(operation, rng) * amount)
        return image


@dataclass(frozen=True)
class Cutout:
    """A grey square at a random place of each image, cut off at the edges.

    Parameters
    ----------
    share : float
        Side of the square, as a share of the shorter side of the image. The default is the paper's for CIFAR-10,
        16 pixels of 32.

    References
    ----------
    DeVries, T. and Taylor, G. W. (2017). Improved regularization of convolutional neural networks with cutout.
    arXiv:1708.04552
    """

    share: float = 0.5

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Augment images of shape (n, H, W, C), float32 in [-1, 1]."""
        n, *sides = images.shape[:3]
        size = round(self.share * min(sides))
        hidden: list[Any] = []
        for side in sides:
            first = rng.integers(side, size=(n, 1)) - size // 2
            place = np.arange(side)
            hidden.append((place >= first) & (place < first + size))
        hole = hidden[0][:, :, None] & hidden[1][:, None, :]
        return np.where(hole[..., None], np.float32(0), images)


@dataclass(frozen=True)
class FlipAndCrop:
    """What most people do with photographs: mirrored left-right or not, and a crop of the image with a dark border.

    Parameters
    ----------
    share : float
        Width of the border, as a share of each side. The default is that of the paper for CIFAR-10, 4 pixels of 32.

    References
    ----------
    He, K. et al. (2016). Deep residual learning for image recognition. CVPR. arXiv:1512.03385, section 4.2
    """

    share: float = 0.125

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Augment images of shape (n, H, W, C), float32 in [-1, 1]."""
        n, height, width = images.shape[:3]
        borders = [round(self.share * side) for side in (height, width)]
        padded = np.pad(images, [(0, 0), *((border, border) for border in borders), (0, 0)], constant_values=-1)
        columns = np.where(rng.random((n, 1)) < 0.5, np.arange(width), np.arange(width)[::-1])
        columns = columns + rng.integers(2 * borders[1] + 1, size=(n, 1))
        rows = np.arange(height) + rng.integers(2 * borders[0] + 1, size=(n, 1))
        return padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


@dataclass(frozen=True)
class MixupWithinClass:
    """Each image mixed with another of those given, in a random proportion.

    As a sampler's deformation it is given images of one class alone, so that the label stays. It is SMOTE between
    any two images in place of near neighbours.

    References
    ----------
    Zhang, H. et al. (2018). mixup: beyond empirical risk minimization. arXiv:1710.09412. The paper mixes classes,
    and labels with them; that is the `mixing` of `ConvolutionalClassifier`.
    """

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Mix images of shape (n, H, W, C), float32 in [-1, 1]."""
        share = rng.random((len(images), 1, 1, 1)).astype(np.float32)
        return share * images + (1 - share) * images[rng.permutation(len(images))]


AUGMENTATIONS = {
    "TrivialAugment": TrivialAugment(),
    "RandAugment": RandAugment(),
    "cutout": Cutout(),
    "flip and crop": FlipAndCrop(),
}
