"""Registration held against formulas, finite differences and golden numbers; pairs, and what is learned of them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn import config_context
from sklearn.datasets import load_digits

from gan_oversampler._deformation import learning, registration
from gan_oversampler._deformation.deformations import AffineDeformation
from gan_oversampler._deformation.registration import mean_squares, register, remaining_share
from gan_oversampler._deformation.warp import DeformationBasis, warp

pytestmark = pytest.mark.usefixtures("one_thread")

BASIS = DeformationBasis.for_size(8, 8)


@pytest.fixture(scope="module")
def digits():
    """Threes in [0, 1], and another three beside each."""
    X, y = load_digits(return_X_y=True)
    threes = (X[y == 3][:12] / 16).astype(np.float32).reshape(-1, 8, 8, 1)
    return threes[:6], threes[6:]


def affine_and_grid(coefficients, basis=BASIS):
    halves = np.asarray(coefficients, float).reshape(-1, 2, basis.n_coefficients // 2)
    return halves[..., :3], halves[..., 3:].reshape(*halves.shape[:2], *basis.grid)


def roughness(grid):
    """Mean squared difference of neighbouring nodes, summed over both directions of movement."""
    differences = [np.diff(grid, axis=axis).reshape(*grid.shape[:2], -1) for axis in (2, 3)]
    return np.square(np.concatenate(differences, axis=2)).mean(axis=2).sum(axis=1)


def penalty_by_formula(coefficients, basis):
    affine, grid = affine_and_grid(coefficients, basis)
    return 0.05 * np.square(affine).sum(axis=(1, 2)) + 2.0 * roughness(grid)


@pytest.mark.parametrize("basis", [BASIS, DeformationBasis(9, 14, (2, 5))], ids=["square", "oblong"])
def test_the_penalty_is_the_size_of_the_affine_part_and_the_roughness_of_the_grid(basis):
    coefficients = np.random.default_rng(0).normal(size=(5, basis.n_coefficients))
    penalty = registration._penalty(basis)
    got = np.einsum("ni,ij,nj->n", coefficients, penalty, coefficients)
    np.testing.assert_allclose(got, penalty_by_formula(coefficients, basis))


def smooth_problem(n=3, n_channels=2):
    """Images smooth enough for finite differences, at coefficients that leave the border where it is."""
    rng = np.random.default_rng(0)
    basis = DeformationBasis.for_size(12, 12)
    images = gaussian_filter(rng.normal(size=(2 * n, 12, 12, n_channels)), (0, 2, 2, 0)).astype(np.float32) * 8
    moving, fixed = registration._with_slopes(images[:n]), images[n:]
    return registration._LeastSquares(basis), moving, fixed, rng.normal(0, 0.02, (n, basis.n_coefficients))


def test_the_cost_is_the_mean_square_and_the_penalty():
    problem, moving, fixed, coefficients = smooth_problem()
    moved = warp(moving[..., :2], problem.basis.displacements(coefficients))
    expected = np.square(moved - fixed).sum(axis=3).mean(axis=(1, 2))
    found = problem.evaluate(moving, fixed, coefficients)
    np.testing.assert_allclose(found.cost, expected + penalty_by_formula(coefficients, problem.basis), rtol=1e-5)
    np.testing.assert_allclose(found.residual, (moved - fixed).reshape(3, 144, 2), atol=1e-5)


def test_the_normal_equations_are_those_of_the_linearised_residual():
    problem, moving, fixed, coefficients = smooth_problem()
    found = problem.evaluate(moving, fixed, coefficients)
    curvature, gradient = problem.normal_equations(found)
    for i, (slopes, residual) in enumerate(zip(found.slopes, found.residual, strict=True)):
        # d residual / d coefficient: (pixels, channels, coefficients), rows first, then columns
        jacobian = np.concatenate([slopes[..., [d]] * problem.matrix[:, None] for d in (0, 1)], axis=2)
        by_formula = np.einsum("pci,pcj->ij", jacobian, jacobian) / 144 + problem.penalty
        pull = np.einsum("pci,pc->i", jacobian, residual) / 144 + problem.penalty @ coefficients[i]
        np.testing.assert_allclose(curvature[i], by_formula, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(gradient[i], pull, rtol=1e-4, atol=1e-4)


def test_the_gradient_points_along_finite_differences_of_the_cost():
    problem, moving, fixed, coefficients = smooth_problem(n=1)
    gradient = problem.normal_equations(problem.evaluate(moving, fixed, coefficients))[1][0]
    by_differences = []
    for step in 1e-3 * np.eye(len(gradient)):
        up, down = (problem.evaluate(moving, fixed, coefficients + s).cost[0] for s in (step, -step))
        by_differences.append((up - down) / 2e-3 / 2)  # it is that of half the cost
    angle = gradient @ by_differences / np.linalg.norm(gradient) / np.linalg.norm(by_differences)
    assert angle > 0.98
    # The slopes are taken across two pixels, so the size is only about right: neither half nor double.
    assert np.linalg.norm(gradient) == pytest.approx(np.linalg.norm(by_differences), rel=0.4)


def test_a_damped_step_by_formula():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(2, 4, 4))
    curvature, gradient, damping = root @ np.moveaxis(root, 1, 2), 0.01 * rng.normal(size=(2, 4)), np.array([0.1, 10])
    before = curvature.copy()
    steps = registration._damped_step(curvature, gradient, damping)
    for i, step in enumerate(steps):
        damped = curvature[i] + damping[i] * np.diag(np.diag(curvature[i]) + 1e-3)
        np.testing.assert_allclose(damped @ step, -gradient[i], atol=1e-12)
    np.testing.assert_array_equal(curvature, before)
    far = registration._damped_step(np.eye(4)[None], np.array([[5.0, -5, 0.3, 0.2]]), np.zeros(1))
    np.testing.assert_allclose(far, [[-0.3, 0.3, -0.3, -0.2]])


def test_a_pair_steps_only_where_its_cost_falls():
    """The damping follows: a quarter after a step, eightfold after none."""
    seen = []

    class Problem:
        costs = iter([[1.0, 1.0], [0.5, 2.0], [0.6, 0.5], [0.5, 0.4]] + [[0.1, 0.1]] * 5)

        def evaluate(self, moving, fixed, coefficients):
            residual = np.zeros((2, 1, 1))
            return registration._Found(coefficients, np.array(next(self.costs)), residual, residual[..., None])

        def normal_equations(self, found):
            return np.ones((2, 1, 1)), -0.01 * np.ones((2, 1))

    def step(curvature, gradient, damping):
        seen.append(damping)
        return np.full((2, 1), 0.1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registration, "_damped_step", step)
        end = registration._descend(Problem(), None, None, np.zeros((2, 1)))
    assert len(seen) == 8
    np.testing.assert_allclose(seen[:4], 1e-3 * np.array([[1, 1], [1 / 4, 8], [2, 2], [16, 1 / 2]]))
    np.testing.assert_allclose(end[:, 0], [0.2, 0.3])


def test_golden_numbers(digits):
    """What registering six pairs of threes gave with numpy 2.4 on x86-64: another penalty, blur or step gives others.

    The second and third pair have converged, so that sums in another order move them little.
    """
    moving, fixed = digits
    coefficients = register(moving, fixed, BASIS)
    affine, grid = affine_and_grid(coefficients)
    sizes, roughnesses = np.square(affine).sum(axis=(1, 2)), roughness(grid)
    remaining = remaining_share(moving, fixed, BASIS, coefficients)
    np.testing.assert_allclose(sizes[1:3], [0.04302, 0.01252], rtol=0.02)
    np.testing.assert_allclose(roughnesses[1:3], [0.01596, 0.01845], rtol=0.02)
    np.testing.assert_allclose(remaining[1:3], [0.37233, 0.15016], rtol=0.02)
    np.testing.assert_allclose(sizes, [0.14287, 0.04302, 0.01252, 0.0583, 0.09482, 0.14024], rtol=0.1)
    np.testing.assert_allclose(roughnesses, [0.05513, 0.01596, 0.01845, 0.04237, 0.02476, 0.03251], rtol=0.1)
    np.testing.assert_allclose(remaining, [0.20121, 0.37233, 0.15016, 0.24406, 0.17343, 0.29523], rtol=0.1)


def test_the_remaining_share_by_formula(digits):
    moving, fixed = digits
    coefficients = AffineDeformation(BASIS).draw(6, np.random.default_rng(0))
    moved = warp(moving, BASIS.displacements(coefficients))
    expected = np.square(moved - fixed).sum(axis=(1, 2, 3)) / np.square(moving - fixed).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(remaining_share(moving, fixed, BASIS, coefficients), expected, rtol=1e-5)
    np.testing.assert_array_equal(remaining_share(moving, moving, BASIS, np.zeros_like(coefficients)), 0)


def test_mean_squares_sum_over_channels_and_average_over_pixels():
    differences = np.random.default_rng(0).normal(size=(4, 3, 5, 2)).astype(np.float32)
    expected = [np.square(image).sum() / 15 for image in differences]
    np.testing.assert_allclose(mean_squares(differences), expected, rtol=1e-6)


# -- pairs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "small"),
    [((8, 8), (8, 8)), ((47, 32), (47, 32)), ((64, 48), (32, 24)), ((50, 33), (25, 17)), ((96, 96), (32, 32))],
)
def test_large_images_become_means_of_blocks(size, small):
    images = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    reduced = learning.reduced(images)
    assert reduced.shape == (2, *small, 3)
    assert reduced.dtype == np.float32
    block = round(size[0] / small[0])
    expected = images[:, block : 2 * block, 2 * block : 3 * block].mean(axis=(1, 2))
    np.testing.assert_allclose(reduced[:, 1, 2], expected, atol=1e-6)
    last = images[:, (small[0] - 1) * block :, (small[1] - 1) * block :]
    edge = np.pad(last, ((0, 0), (0, block - last.shape[1]), (0, block - last.shape[2]), (0, 0)), mode="edge")
    np.testing.assert_allclose(reduced[:, -1, -1], edge.mean(axis=(1, 2)), atol=1e-6)


@pytest.mark.parametrize(
    ("n_points", "n_pairs", "n_neighbors"), [(12, 1000, 3), (100, 50, 4), (100, 1000, 4), (4, 100, 3), (3, 100, 2)]
)
def test_pairs_are_distinct_and_of_the_nearest(n_points, n_pairs, n_neighbors):
    points = np.random.default_rng(0).normal(size=(n_points, 3)).astype(np.float32)
    found = learning._neighbor_pairs(points, n_pairs, np.random.default_rng(1))
    assert len(np.unique(found, axis=0)) == len(found) <= min(n_pairs, n_points * n_neighbors)
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    rank = np.argsort(np.argsort(distances, axis=1), axis=1)  # 0 is the point itself
    ranks = rank[found[:, 0], found[:, 1]]
    assert ranks.min() == 1
    assert ranks.max() == n_neighbors
    if n_pairs <= n_points:
        assert len(found) == len(np.unique(found[:, 0])) == n_pairs
    else:
        assert len(np.unique(found[:, 0])) == n_points


def test_many_points_have_sixty_neighbours():
    points = np.arange(1600, dtype=np.float32)[:, None]
    found = learning._neighbor_pairs(points, 1600, np.random.default_rng(0))
    inner = found[(found[:, 0] > 100) & (found[:, 0] < 1500)]
    assert np.abs(inner[:, 0] - inner[:, 1]).max() == 30
    assert len(np.unique(inner[:, 0] - inner[:, 1])) == 60


def test_equal_images_make_no_pair(digits):
    images = np.concatenate([np.repeat(digits[0][:1], 4, axis=0), digits[1]])
    moving, fixed = learning.different_pairs(images, 100, np.random.default_rng(0))
    assert (mean_squares(moving - fixed) > 0).all()
    assert len(moving) > 10


def test_images_are_projected_on_what_tells_them_apart():
    """Forty directions are kept, and what all images share takes up none, whatever part a row is read in."""
    rng = np.random.default_rng(0)
    directions = np.linalg.qr(rng.normal(size=(64, 41)))[0].T
    images = (rng.normal(size=(2100, 40)) @ directions[:40] + 30 * directions[40]).astype(np.float32)
    rows = np.arange(50, 2100)
    with config_context(array_api_dispatch=False):  # as its caller does
        points = learning._project(images.reshape(-1, 8, 8, 1), rows, np.random.default_rng(0))
    assert points.shape == (2050, 40)
    some = [0, 1, 999, 1000, 1001, 2049]
    distances = np.linalg.norm(points[some][:, None] - points[some], axis=2)
    expected = np.linalg.norm(images[rows[some]][:, None] - images[rows[some]], axis=2)
    np.testing.assert_allclose(distances, expected, rtol=1e-3, atol=1e-3)


# -- what the pairs teach --------------------------------------------------------------------------------------------


def test_the_gaussian_has_the_moments_of_what_was_found():
    found = np.random.default_rng(0).normal(size=(9, 4)) * [1, 2, 3, 1e-9] + [0, 1, 2, 3]
    mean, factor = learning._gaussian(found)
    np.testing.assert_allclose(mean, found.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(factor @ factor.T, np.cov(found.T), atol=1e-5)
    assert factor.shape == (4, 3)  # a direction with hardly any spread is left out


def learned_from(monkeypatch, remaining, sizes=None, **wanted):
    """What is learned from pairs that keep these shares of their squared difference."""
    n = len(remaining)
    images = np.full((n, 8, 8, 1), 0.5, np.float32) + np.arange(n, dtype=np.float32).reshape(-1, 1, 1, 1)
    fixed = images + np.sqrt(np.ones(n) if sizes is None else sizes).reshape(-1, 1, 1, 1).astype(np.float32)
    coefficients = np.random.default_rng(0).normal(size=(n, BASIS.n_coefficients)).astype(np.float32)
    monkeypatch.setattr(learning, "different_pairs", lambda *args: (images, fixed))
    monkeypatch.setattr(learning, "register", lambda moving, *_: coefficients[moving[:, 0, 0, 0].astype(int)])
    monkeypatch.setattr(
        learning, "remaining_share", lambda moving, *_: np.array(remaining)[moving[:, 0, 0, 0].astype(int)]
    )
    return learning.learn_deformation(images, np.random.default_rng(0), **wanted), coefficients


def test_only_pairs_that_lose_half_of_their_difference_teach(monkeypatch):
    learned, coefficients = learned_from(monkeypatch, [0.5] * 10 + [0.501] * 5)
    np.testing.assert_allclose(learned.mean, coefficients[:10].mean(axis=0), rtol=1e-5)
    assert learned_from(monkeypatch, [0.5] * 9 + [0.501] * 6)[0] is None


def test_what_is_explained_weighs_every_pair_by_its_difference(monkeypatch):
    sizes = np.array([1.0] * 10 + [4.0] * 2)
    learned, _ = learned_from(monkeypatch, [0.1] * 10 + [0.9] * 2, sizes)
    assert learned.explained == pytest.approx(1 - (10 * 0.1 + 8 * 0.9) / 18, rel=1e-5)


def test_less_than_is_wanted_teaches_nothing(monkeypatch):
    remaining = [0.25] * 40
    assert learned_from(monkeypatch, remaining, least_explained=0.75)[0] is not None
    assert learned_from(monkeypatch, remaining, least_explained=0.76)[0] is None


@pytest.mark.parametrize(("wanted", "n_registered"), [(0.71, 40), (0.73, 10)])
def test_where_a_quarter_of_the_pairs_explains_too_little_the_rest_is_left_alone(monkeypatch, wanted, n_registered):
    registered = []
    pairs = learning._Pairs.register
    monkeypatch.setattr(learning._Pairs, "register", lambda self, rows: registered.append(rows) or pairs(self, rows))
    learned_from(monkeypatch, [0.3, 0.1, 0.1, 0.1] * 10, least_explained=wanted)  # one of four: .7, within .02 of .71
    assert np.flatnonzero(registered[0]).tolist() == list(range(0, 40, 4))
    assert sum(rows.sum() for rows in registered) == n_registered


@pytest.mark.parametrize(("n", "teaches"), [(10, True), (9, False)])
def test_ten_pairs_are_the_fewest(monkeypatch, n, teaches):
    assert (learned_from(monkeypatch, [0.1] * n)[0] is not None) == teaches
