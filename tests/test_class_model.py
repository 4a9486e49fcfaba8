"""What is drawn for a class: of real rows and generated ones in their shares, each deformed, decoded, in any number."""

from dataclasses import dataclass

import numpy as np
import pytest

from gan_oversampler._classes.model import ClassModel, Drawn, MixtureSource, RowSource
from gan_oversampler._perturbation import PARTS
from gan_oversampler._rows.codecs import ImageCodec
from gan_oversampler._rows.columns import Columns
from gan_oversampler._rows.tables import TableCodec

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


ROWS = RowSource(np.zeros((2, *SHAPE, 1), np.float32))


@pytest.mark.parametrize(
    ("class_model", "shares"),
    [
        (model(0.0), {"generated": 1}),
        (model(0.25), {"deformed": 0.25, "generated": 0.75}),
        (model(0.25, None), {"repeated": 0.25, "generated": 0.75}),
        (model(1.0), {"deformed": 1}),
        (ClassModel(CODEC, ROWS, brighter), {"deformed": 1}),
        (ClassModel(CODEC, ROWS, None), {"repeated": 1}),
        (ClassModel(CODEC, MixtureSource(None), None), dict.fromkeys(PARTS, 1 / len(PARTS))),
    ],
)
def test_shares_name_each_way_that_rows_are_made_and_add_up(class_model, shares):
    assert class_model.shares == pytest.approx(shares)
    assert sum(class_model.shares.values()) == pytest.approx(1)


def test_rows_repeat_where_real_ones_are_the_source_and_nothing_deforms_them():
    assert ClassModel(CODEC, ROWS, None).repeats_rows
    assert not ClassModel(CODEC, ROWS, brighter).repeats_rows
    assert not model(1.0, None).repeats_rows


def test_each_drawn_row_knows_its_parent():
    codec, values = ImageCodec(SHAPE, 0.0, 10.0), np.linspace(-1, 1, 7, dtype=np.float32)
    real = RowSource(np.tile(values[:, None, None, None], (1, *SHAPE, 1)))
    mixed = ClassModel(codec, Generator([]), None, real=real, real_share=0.5)
    for chunk in mixed.draw(5000, np.random.default_rng(0)):
        expected = np.where(chunk.parents < 0, GENERATED, values[chunk.parents])
        np.testing.assert_allclose(chunk.rows[:, 0], decoded(expected), atol=1e-5)
        np.testing.assert_array_equal(np.unique(chunk.parents), np.arange(-1, 7))


def test_a_row_of_a_table_that_did_not_move_is_the_original_to_the_bit():
    originals = np.random.default_rng(0).normal(size=(40, 3)) ** 3
    codec = TableCodec.fit(originals, originals, Columns.find(originals, np.zeros(3, bool)))
    table = ClassModel(codec, RowSource(codec.encode(originals)), None, originals=originals)
    (chunk,) = table.draw(500, np.random.default_rng(1))
    np.testing.assert_array_equal(np.unique(chunk.parents), np.arange(40))
    np.testing.assert_array_equal(chunk.rows, originals[chunk.parents])
