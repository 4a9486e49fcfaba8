"""Deformations held against formulas: affine algebra, the warp pixel by pixel, the basis column by column."""

import threading

import numpy as np
import pytest

from gan_oversampler._deformation.deformations import AffineDeformation, LearnedDeformation
from gan_oversampler._deformation.warp import DeformationBasis, cubic_weights, in_chunks, warp

SIZE = (9, 9)
BASIS = DeformationBasis.for_size(*SIZE)


class Dice:
    """Stands in for a random generator: gives what it was told, scaled to the range that is asked for."""

    def __init__(self, *numbers):
        self.numbers = np.array([numbers], float)

    def uniform(self, low, high, size):
        assert (low, size) == (-high, self.numbers.shape)
        return high * self.numbers


def linear_part(deformation, turn=0.0, grow=0.0, slant=0.0):
    """Matrix in (x, y) that says where each pixel of the deformed image looks."""
    rows, columns = deformation.draw(1, Dice(turn, grow, slant, 0, 0)).reshape(2, -1)
    assert rows[0] == columns[0] == 0
    assert not rows[3:].any()
    assert not columns[3:].any()
    return np.array([columns[1:3], rows[1:3]], float) + np.eye(2)


def rotated(degrees):
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@pytest.mark.parametrize(("turn", "grow", "slant"), [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.5, -1, 0.3), (-1, 1, -1)])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_an_affine_map_is_a_rotation_after_a_shear_times_a_size(turn, grow, slant, strength):
    deformation = AffineDeformation(BASIS, strength=strength)
    expected = rotated(strength * turn * 12) * (1 + strength * grow * 0.12) @ [[1, strength * slant * 0.2], [0, 1]]
    np.testing.assert_allclose(linear_part(deformation, turn, grow, slant), expected, atol=1e-6)


def test_turning_and_slanting_back_undoes_it():
    deformation = AffineDeformation(BASIS, rotation=40, shear=0.6)
    there, back = (linear_part(deformation, turn=turn) for turn in (1, -1))
    np.testing.assert_allclose(there @ back, np.eye(2), atol=1e-6)
    np.testing.assert_allclose(there, back.T, atol=1e-6)
    there, back = (linear_part(deformation, slant=slant) for slant in (1, -1))
    np.testing.assert_allclose(there @ back, np.eye(2), atol=1e-6)
    both = linear_part(deformation, turn=1, slant=1)
    np.testing.assert_allclose(both, linear_part(deformation, turn=1) @ there, atol=1e-6)


@pytest.mark.parametrize("grow", [1, -1])
def test_an_area_changes_by_the_square_of_the_size_alone(grow):
    matrix = linear_part(AffineDeformation(BASIS, scale=0.5), turn=0.7, grow=grow, slant=-1)
    assert np.linalg.det(matrix) == pytest.approx((1 + 0.5 * grow) ** 2)


def dot(row, column, size=SIZE):
    image = np.zeros((1, *size, 1), np.float32)
    image[0, row, column] = 1
    return image


def test_a_quarter_turn_moves_a_pixel_from_the_right_to_the_top_and_back():
    quarter = AffineDeformation(BASIS, rotation=90)
    right, top = dot(4, 7), dot(1, 4)
    np.testing.assert_allclose(quarter(right, Dice(1, 0, 0, 0, 0)), top, atol=1e-5)
    np.testing.assert_allclose(quarter(top, Dice(-1, 0, 0, 0, 0)), right, atol=1e-5)
    np.testing.assert_allclose(quarter(quarter(right, Dice(1, 0, 0, 0, 0)), Dice(-1, 0, 0, 0, 0)), right, atol=1e-5)


def test_twice_the_size_brings_a_pixel_half_as_near():
    larger = AffineDeformation(BASIS, scale=1)  # the deformed image looks twice as far
    np.testing.assert_allclose(larger(dot(4, 8), Dice(0, 1, 0, 0, 0))[0, 4, 6], 1, atol=1e-5)


@pytest.mark.parametrize("size", [(9, 9), (8, 14)])
def test_a_shift_is_a_share_of_the_longer_side_down_and_to_the_right(size):
    basis = DeformationBasis.for_size(*size)
    moved = basis.displacements(AffineDeformation(basis, shift=0.1).draw(1, Dice(0, 0, 0, 1, -0.5)))
    np.testing.assert_allclose(moved[0, 0], 0.1 * max(size), rtol=1e-5)
    np.testing.assert_allclose(moved[0, 1], -0.05 * max(size), rtol=1e-5)


def test_the_limits_are_those_that_were_measured():
    deformation = AffineDeformation(BASIS)
    limits = (deformation.rotation, deformation.scale, deformation.shear, deformation.shift, deformation.strength)
    assert limits == (12, 0.12, 0.2, 1 / 28, 1)
    assert LearnedDeformation.strength == 0.75


def test_the_five_numbers_of_an_affine_map_are_drawn_independently():
    deformation = AffineDeformation(BASIS, rotation=1e-3)  # so small a turn leaves the others to be read off
    rows, columns = np.moveaxis(deformation.draw(4000, np.random.default_rng(0)).reshape(4000, 2, -1), 1, 0)
    down, right, size, slant = rows[:, 0], columns[:, 0], columns[:, 1], columns[:, 2] / (1 + columns[:, 1])
    numbers = [down * 14, right * 14, size / 0.12, slant / 0.2, rows[:, 1] / np.deg2rad(1e-3) / (1 + size)]
    assert np.abs(np.corrcoef(numbers) - np.eye(5)).max() < 0.06
    for number in numbers:
        np.testing.assert_allclose(np.quantile(number, [0.001, 0.25, 0.5, 0.999]), [-1, -0.5, 0, 1], atol=0.06)


def test_a_learned_draw_is_its_strength_times_the_mean_and_a_draw_of_the_factor():
    rng = np.random.default_rng(1)
    mean = rng.normal(size=BASIS.n_coefficients).astype(np.float32)
    factor = rng.normal(size=(BASIS.n_coefficients, 3)).astype(np.float32)
    drawn = LearnedDeformation(BASIS, mean, factor, 0.9, strength=0.4).draw(6, np.random.default_rng(2))
    noise = np.random.default_rng(2).standard_normal((6, 3), dtype=np.float32)
    np.testing.assert_allclose(drawn, 0.4 * (mean + noise @ factor.T), rtol=1e-4, atol=1e-5)


# -- the warp --------------------------------------------------------------------------------------------------------


def kernel(distance):
    """Keys (1981), equation 15 with a = -1/2."""
    distance = abs(distance)
    if distance < 1:
        return 1.5 * distance**3 - 2.5 * distance**2 + 1
    return -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2 if distance < 2 else 0.0


def warp_by_pixel(image, displacement):
    """One plane: the kernel over all pixels near where each looks, places and neighbours held at the border."""
    height, width = image.shape
    moved = np.empty_like(image)
    for row, column in np.ndindex(image.shape):
        y = min(max(row + displacement[0, row, column], 0), height - 1)
        x = min(max(column + displacement[1, row, column], 0), width - 1)
        moved[row, column] = sum(
            kernel(y - i) * kernel(x - j) * image[min(max(i, 0), height - 1), min(max(j, 0), width - 1)]
            for i in range(int(y) - 1, int(y) + 3)
            for j in range(int(x) - 1, int(x) + 3)
        )
    return np.clip(moved, image.min(), image.max())


@pytest.mark.parametrize("size", [(7, 5), (6, 11)])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_the_warp_is_cubic_convolution(size, n_channels):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(3, *size, n_channels)).astype(np.float32)
    displacements = rng.normal(0, 2, (3, 2, *size)).astype(np.float32)
    warped = warp(images, displacements)
    for i, channel in np.ndindex(3, n_channels):
        expected = warp_by_pixel(images[i, ..., channel].astype(float), displacements[i].astype(float))
        np.testing.assert_allclose(warped[i, ..., channel], expected, atol=1e-4)


@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5, 0.9])
def test_cubic_weights_are_the_kernel_at_the_four_neighbours(fraction):
    expected = [kernel(fraction - neighbour) for neighbour in (-1, 0, 1, 2)]
    np.testing.assert_allclose(cubic_weights(np.array([fraction]))[:, 0], expected, atol=1e-12)


def test_each_image_is_deformed_alike_alone_and_among_many():
    rng = np.random.default_rng(0)
    images = rng.normal(size=(3000, 9, 9, 1)).astype(np.float32)  # more than one chunk
    deformation = AffineDeformation(BASIS)
    together = deformation(images, np.random.default_rng(1))
    displacements = BASIS.displacements(deformation.draw(3000, np.random.default_rng(1)))
    for i in (0, 1617, 1618, 1619, 2999):
        np.testing.assert_allclose(together[i], warp(images[i : i + 1], displacements[i : i + 1])[0], atol=1e-6)


@pytest.mark.parametrize(("n", "size"), [(0, 10), (5, 10), (5, 40_000), (5, 10**6), (20_000, 81)])
def test_chunks_hold_every_image_once_and_few_pixels(n, size):
    chunks = []
    in_chunks(chunks.append, n, size)
    seen = [i for chunk in sorted(chunks, key=lambda chunk: chunk.start) for i in range(n)[chunk]]
    assert seen == list(range(n))
    assert all(len(range(n)[chunk]) in (1, *range(2, 131_072 // size + 1)) for chunk in chunks)
    assert len(chunks) <= 1 + n // max(1, 131_072 // size)


def test_chunks_run_side_by_side(monkeypatch):
    monkeypatch.setattr("gan_oversampler._deformation.warp.n_processors", lambda: 2)
    both = threading.Barrier(2, timeout=20)
    in_chunks(lambda chunk: both.wait(), 4, 100_000)  # each waits for another


def test_an_error_in_a_chunk_is_raised(monkeypatch):
    monkeypatch.setattr("gan_oversampler._deformation.warp.n_processors", lambda: 2)

    def fail(chunk):
        raise MemoryError

    with pytest.raises(MemoryError):
        in_chunks(fail, 4, 100_000)


# -- the basis -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "grid"),
    [
        *(((4, 4), (3, 3)), ((8, 8), (4, 4)), ((16, 16), (5, 5)), ((28, 28), (6, 6)), ((64, 64), (7, 7))),
        *(((512, 512), (9, 9)), ((14, 28), (3, 6)), ((64, 8), (7, 2)), ((8, 64), (2, 7)), ((28, 20), (6, 4))),
    ],
)
def test_grids_are_as_dense_along_both_axes(size, grid):
    assert DeformationBasis.for_size(*size).grid == grid


def test_columns_of_the_basis_by_formula():
    basis = DeformationBasis(7, 10, (3, 4))  # nodes three pixels apart
    matrix = basis.matrix.reshape(7, 10, 15)
    assert basis.half == 5
    np.testing.assert_array_equal(matrix[..., 0], 1)
    np.testing.assert_allclose(matrix[..., 1], np.tile((np.arange(10) - 4.5) / 5, (7, 1)), rtol=1e-6)
    np.testing.assert_allclose(matrix[..., 2], np.tile((np.arange(7)[:, None] - 3) / 5, (1, 10)), rtol=1e-6)
    at_nodes = matrix[::3, ::3, 3:]
    np.testing.assert_allclose(at_nodes.reshape(12, 12), np.eye(12), atol=1e-6)
    # Between the nodes: the cubic kernel, the outer nodes standing for those beyond the border as well.
    between = np.array([kernel(1 / 3 + 1), kernel(1 / 3), kernel(2 / 3), kernel(5 / 3)])
    inner = np.array([between[0] + between[1], between[2], between[3]])
    np.testing.assert_allclose(matrix[1, 0, 3::4], inner, atol=1e-6)
    np.testing.assert_allclose(matrix[0, 4, 3:7], between, atol=1e-6)
    np.testing.assert_allclose(matrix[1, 4, 3:].reshape(3, 4), np.outer(inner, between), atol=1e-6)


def test_the_first_half_of_the_coefficients_moves_rows():
    coefficients = np.zeros((1, BASIS.n_coefficients))
    coefficients[0, 1] = 1.0  # rows, by the column's place
    rows, columns = BASIS.displacements(coefficients)[0]
    np.testing.assert_allclose(rows, np.tile(np.arange(9) - 4, (9, 1)), atol=1e-5)
    np.testing.assert_array_equal(columns, 0)
