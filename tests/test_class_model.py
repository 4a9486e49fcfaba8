"""What is drawn for a class: of real rows and generated ones in their shares, each deformed, decoded, in any number."""

from dataclasses import dataclass

import numpy as np
import pytest

from gan_oversampler._classes.drawn import Drawn
from gan_oversampler._classes.model import ClassModel, RowSource
from gan_oversampler._rows.codecs import ImageCodec

SHAPE = (4, 4)
CODEC = ImageCodec(SHAPE, 0.0, 10.0)  # -1, 0 and 1 are 0, 5 and 10
GENERATED, REAL, DEFORMED = -0.5, 0.5, 0.25


@dataclass(frozen=True)
class Generator:
    """Draws images of one brightness, and notes how many it was asked for."""

    asked: list

    def draw(self, n, rng):
        self.asked.append(n)
        return Drawn.without_parents(np.full((n, *SHAPE, 1), GENERATED, np.float32))


def brighter(images, rng):
    return images + np.float32(DEFORMED)


def model(share, deformation=brighter):
    real = RowSource(np.full((7, *SHAPE, 1), REAL, np.float32)) if share else None
    return ClassModel(CODEC, Generator([]), deformation, real=real, real_share=share)


def drawn(class_model, n, seed=0):
    return np.concatenate([chunk.rows for chunk in class_model.draw(n, np.random.default_rng(seed))])


def decoded(value):
    return 10 * (value + 1) / 2


@pytest.mark.parametrize("share", [0.0, 0.25, 0.75, 1.0])
def test_real_images_are_in_their_share_and_every_image_is_deformed(share):
    n = 10_000
    rows = drawn(model(share), n)
    assert rows.shape == (n, 16)
    assert rows.dtype == np.float64
    values = rows[:, 0]
    np.testing.assert_array_equal(rows, np.repeat(values[:, None], 16, axis=1))
    is_real = values == decoded(REAL + DEFORMED)
    np.testing.assert_array_equal(values[~is_real], decoded(GENERATED + DEFORMED))
    assert is_real.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / n))


def test_the_two_kinds_come_in_random_order():
    is_real = drawn(model(0.5), 2000)[:, 0] > decoded(0)
    changes = (is_real[1:] != is_real[:-1]).mean()
    assert changes == pytest.approx(0.5, abs=0.05)


def test_without_a_deformation_rows_are_as_the_source_draws_them():
    np.testing.assert_array_equal(drawn(model(0.0, None), 3), decoded(GENERATED))


def test_only_what_is_needed_is_generated():
    mixed = model(0.75)
    drawn(mixed, 10_000)
    assert sum(mixed.source.asked) == pytest.approx(2500, abs=200)
    assert max(mixed.source.asked) < 4096
    all_real = model(1.0)
    drawn(all_real, 100)
    assert not all_real.source.asked


@pytest.mark.parametrize(
    ("n", "sizes"), [(0, []), (1, [1]), (4096, [4096]), (4097, [4096, 1]), (9000, [4096, 4096, 808])]
)
def test_rows_come_in_chunks_that_add_up(n, sizes):
    assert [len(chunk) for chunk in model(0.5).draw(n, np.random.default_rng(0))] == sizes


def test_each_real_row_may_come_and_none_is_changed():
    rows = np.arange(5, dtype=np.float32)[:, None]
    source = RowSource(rows)
    picked = source.draw(1000, np.random.default_rng(0)).rows
    values, counts = np.unique(picked, return_counts=True)
    np.testing.assert_array_equal(values, rows[:, 0])
    assert counts.min() > 140
    np.testing.assert_array_equal(rows[:, 0], np.arange(5))


def test_what_counts_as_deformed():
    assert model(0.3).deformed_share == 0.3
    assert model(0.0).deformed_share == 0
    assert ClassModel(CODEC, RowSource(np.zeros((2, 4, 4, 1))), None).deformed_share == 1
