"""GANOverSampler: seeds, history, drawing later, progress, stops, and what goes wrong."""

import copy
import io
import pickle
from contextlib import redirect_stdout
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gan_oversampler import ConvergenceWarning, DeformationOverSampler, GANOverSampler, SmallClassWarning
from gan_oversampler._classes.model import Drawn

HISTORY = [
    *("step", "generator_loss", "discriminator_loss", "discriminator_accuracy"),
    *("energy_distance", "seconds"),
]


def narrow_generator(latent_dim, output_shape):
    """Builder of a user's own."""
    import keras

    layers = [keras.Input((latent_dim,)), keras.layers.Dense(7, "relu"), keras.layers.Dense(output_shape[0])]
    return keras.Sequential(layers)


def wrong_generator(latent_dim, output_shape):
    """Builder whose output has one value too many."""
    import keras

    return keras.Sequential([keras.Input((latent_dim,)), keras.layers.Dense(output_shape[0] + 1)])


def exploding_discriminator(input_shape):
    """Builder of a network that gives NaN."""
    import keras

    layers = [keras.Input(input_shape), keras.layers.Dense(1, bias_initializer=keras.initializers.Constant(np.inf))]
    return keras.Sequential(layers)


def constant_generator(latent_dim, output_shape):
    """Builder of a network that ignores its noise."""
    import keras

    layers = [keras.Input((latent_dim,)), keras.layers.Dense(output_shape[0], kernel_initializer="zeros")]
    return keras.Sequential(layers)


def no_change(images, rng):
    """Deformation of a user's own."""
    return images


def test_equal_seeds_give_equal_rows(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    first, _ = sampler.fit_resample(*table)
    again, _ = sampler.fit_resample(*table)
    other, _ = GANOverSampler(random_state=1, **tiny).fit_resample(*table)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_random_state_objects_advance_and_none_is_fresh(table, tiny):
    state = np.random.RandomState(0)
    draws = [GANOverSampler(random_state=state, **tiny).fit_resample(*table)[0] for _ in range(2)]
    fresh = [GANOverSampler(**tiny).fit_resample(*table)[0] for _ in range(2)]
    assert not np.array_equal(*draws)
    assert not np.array_equal(*fresh)


def test_class_order_in_the_strategy_is_irrelevant(table, tiny):
    X, y = table
    strategies = [{0: 95, 1: 40}, {1: 40, 0: 95}]
    rows = [GANOverSampler(sampling_strategy=s, random_state=0, **tiny).fit_resample(X, y) for s in strategies]
    for label in (0, 1):
        np.testing.assert_array_equal(*(X_res[120:][y_res[120:] == label] for X_res, y_res in rows))


def test_nothing_to_do_trains_nothing(table, tiny):
    X, y = table
    sampler = GANOverSampler(sampling_strategy={1: 30}, generator=wrong_generator, **tiny)
    X_res, y_res = sampler.fit_resample(X, y)
    np.testing.assert_array_equal(X_res, X)
    np.testing.assert_array_equal(y_res, y)
    assert sampler.models_ == {}


def test_history_is_ready_for_a_frame(digits, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(*digits)
    frame = pd.DataFrame(sampler.history_[3])
    assert list(frame) == HISTORY
    assert list(frame["step"]) == [1, 2, 3]
    assert frame["discriminator_accuracy"].between(0, 1).all()
    assert frame["seconds"].is_monotonic_increasing
    assert sampler.image_shape_ == (8, 8)


def test_history_tells_how_near_samples_come(table):
    sampler = GANOverSampler(max_iter=200, latent_dim=8, batch_size=16, deformed_share=0, random_state=0)
    sampler.fit_resample(*table)
    distances = sampler.history_[1]["energy_distance"]
    assert list(np.flatnonzero(np.isfinite(distances))) == [99, 199]
    assert (np.abs(distances[[99, 199]]) < 2).all()


def test_sample_draws_more_without_training(digits, tiny):
    X, y = digits
    sampler = GANOverSampler(random_state=0, **tiny)
    X_res, _ = sampler.fit_resample(X.astype(np.uint8).reshape(-1, 8, 8), y)
    rows = sampler.sample(300, 3)
    assert rows.shape == (300, 8, 8)
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows, sampler.sample(300, 3))
    assert not np.array_equal(rows, sampler.sample(300, 3, random_state=1))
    assert not np.array_equal(rows[:50], X_res[len(X) :])
    assert len(sampler.sample(0, 3)) == 0


def test_a_seed_gives_each_class_a_stream_of_its_own():
    y = np.repeat([0, 1, 2], [50, 20, 20])
    X = np.arange(90)[:, None] + np.full(3, 0.5)
    sampler = DeformationOverSampler(random_state=0, deformation=None).fit(X, y)
    one, two = (sampler.sample(1000, label, random_state=5)[:, 0] - start for label, start in ((1, 50), (2, 70)))
    assert 0.02 < (one == two).mean() < 0.08  # 1 of 20 parents by chance


def test_sample_says_what_it_cannot_do(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    with pytest.raises(NotFittedError):
        sampler.sample(1, 1)
    sampler.fit_resample(*table)
    with pytest.raises(ValueError, match="No model was learned of class 0"):
        sampler.sample(1, 0)
    with pytest.raises(ValueError, match="whole number from 0"):
        sampler.sample(-1, 1)


def test_verbose_draws_a_bar_and_silence_is_silent(table, tiny):
    for verbose, words in ((0, []), (1, ["class 1: 30 table rows", "3/3"])):
        with redirect_stdout(io.StringIO()) as out:
            GANOverSampler(random_state=0, verbose=verbose, **tiny).fit_resample(*table)
        assert all(word in out.getvalue() for word in words)
        assert bool(out.getvalue()) == bool(verbose)


def test_interrupt_is_raised_and_leaves_nothing_half_fitted(table, tiny, monkeypatch):
    from gan_oversampler._gan import loop

    sampler = GANOverSampler(random_state=0, **tiny)
    expected, _ = sampler.fit_resample(*table)
    with monkeypatch.context() as patch:

        def stop(*_):
            raise KeyboardInterrupt

        patch.setattr(loop._Batches, "__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            sampler.fit_resample(*table)
    with pytest.raises(NotFittedError):
        sampler.sample(1, 1)
    again, _ = sampler.fit_resample(*table)
    np.testing.assert_array_equal(expected, again)


def fitted_names(sampler):
    return [name for name in vars(sampler) if name.endswith("_")]


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
@pytest.mark.parametrize(
    ("where", "parameters"),
    [
        ("_rows.counts.rows_to_make", {}),
        ("_rows.result_memory.check", {}),
        ("_rows.user_rows.resolve_image_shape", {}),
        ("_samplers.fit.ClassTask", {}),
        ("_samplers.fit.draw_into", {}),
        ("_rows.user_rows.UserRows.followed_by", {}),
        ("_samplers.base.repeat_labels", {}),
        (None, {"sampling_strategy": {1: 3}}),
    ],
)
def test_a_fit_that_fails_leaves_nothing(table, tiny, cls, where, parameters, monkeypatch):
    def fail(*_):
        raise ValueError("as if something were wrong")

    X, y = pd.DataFrame(table[0], columns=list("abcde")), table[1]
    sampler = cls(**parameters, **(tiny if cls is GANOverSampler else {}))
    if where:
        monkeypatch.setattr(f"gan_oversampler.{where}", fail)
    with pytest.raises(ValueError, match=r"as if something|With over-sampling"):
        sampler.fit_resample(X, y)
    assert fitted_names(sampler) == []


@pytest.mark.parametrize("n_rare", [1, 2, 9])
def test_too_small_a_class_is_repeated_with_a_warning(n_rare, tiny):
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = np.arange(40) < n_rare
    with pytest.warns(SmallClassWarning, match=f"has {n_rare} rows.*at least 10"):
        X_res, _ = GANOverSampler(deformation=None, random_state=0, **tiny).fit_resample(X, y)
    assert {tuple(row) for row in X_res[40:]} <= {tuple(row) for row in X[y]}


def test_too_small_a_class_of_a_table_is_perturbed_by_default(tiny):
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = np.arange(40) < 9
    sampler = GANOverSampler(random_state=0, **tiny)
    with pytest.warns(SmallClassWarning, match="its real rows are perturbed instead"):
        X_res, _ = sampler.fit_resample(X, y)
    parents = X[sampler.parent_indices_[40:]]
    assert y[sampler.parent_indices_[40:]].all()
    assert 0.4 < (X_res[40:] != parents).any(axis=1).mean() < 0.95  # a third is repeated


def test_identical_rows_are_repeated_with_a_warning(tiny):
    X, y = np.random.default_rng(0).normal(size=(60, 3)), np.arange(60) < 20
    X[y] = 7
    with pytest.warns(SmallClassWarning, match="of which 1 differ"):
        X_res, _ = GANOverSampler(random_state=0, **tiny).fit_resample(X, y)
    assert (X_res[60:] == 7).all()


@pytest.mark.parametrize(("batch_size", "is_told"), [(64, True), (31, True), (30, False), (8, False)])
def test_class_smaller_than_a_batch_is_no_warning_but_a_line_of_verbose(table, capsys, batch_size, is_told):
    for verbose in (0, 1):
        sampler = GANOverSampler(max_iter=1, batch_size=batch_size, deformed_share=0, random_state=0, verbose=verbose)
        sampler.fit_resample(*table)
        told = f"class 1: 30 rows, drawn with replacement for each batch of {batch_size}\n"
        assert (told in capsys.readouterr().out) == bool(is_told and verbose)


@pytest.mark.parametrize(
    ("builders", "trouble"),
    [({"discriminator": exploding_discriminator}, "diverged"), ({"generator": constant_generator}, "collapsed")],
)
def test_failed_training_is_tried_again_then_said(table, tiny, builders, trouble):
    sampler = GANOverSampler(random_state=0, **builders, **tiny)
    with pytest.warns(ConvergenceWarning, match=f"{trouble}.* in 2 tries.*try a smaller learning_rate"):
        X_res, _ = sampler.fit_resample(*table)
    assert np.isfinite(X_res).all()
    assert list(sampler.history_[1]["step"]).count(1) == 2


def test_own_builders_are_used(table, tiny):
    sampler = GANOverSampler(generator=narrow_generator, random_state=0, **tiny)
    sampler.fit_resample(*table)
    assert sampler.models_[1].source.weights[0].shape == (8, 7)
    with pytest.raises(ValueError, match=r"wrong_generator built gives outputs of shape \(6,\), but \(5,\)"):
        clone(sampler).set_params(generator=wrong_generator).fit_resample(*table)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")  # three steps do collapse
def test_preset_and_parameters_decide_the_network(digits, tiny):
    sampler = GANOverSampler(preset="notebook", random_state=0, **tiny)
    sampler.fit_resample(*digits)
    source = sampler.models_[3].source
    assert source.latent == "uniform"
    assert "up_2" in source.architecture
    with pytest.raises(ValueError, match="preset='notebook' needs images"):
        clone(sampler).set_params(image_shape=None).fit_resample(*digits)


@pytest.mark.parametrize("deformation", ["auto", "affine", "learned", None, no_change])
def test_every_kind_of_deformation(digits, tiny, deformation):
    X, y = digits
    for sampler in (GANOverSampler(**tiny), DeformationOverSampler()):
        sampler.set_params(deformation=deformation, random_state=0)
        X_res, _ = sampler.fit_resample(X, y)
        assert X_res.shape == (180, 64)
        again, _ = sampler.fit_resample(X, y)
        np.testing.assert_array_equal(X_res, again)


def test_deformed_copies_are_near_their_class_and_new(digits):
    X, y = digits
    X_res, _ = DeformationOverSampler(random_state=0).fit_resample(X, y)
    new, real = X_res[len(X) :], X[y == 3]
    distances = np.linalg.norm(new[:, None] - real[None], axis=2).min(axis=1)
    assert (distances > 0).all()
    assert np.median(distances) < np.median(np.linalg.norm(real[:, None] - real[None], axis=2))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda X, y: (np.full((len(X), 8, 8), np.nan), y), "must hold finite numbers.*NaN"),
        (lambda X, y: (np.where(np.arange(5) == 2, np.inf, X), y), "must hold finite numbers.*inf"),
        (lambda X, y: (X, np.zeros_like(y)), "more than 1 class"),
        (lambda X, y: (X[:, None, None, None], y), "2 to 4 dimensions"),
        (lambda X, y: (X[:-1], y), "inconsistent numbers of samples"),
        (lambda X, y: (pd.DataFrame(X).assign(when=pd.Timestamp(0)), y), "Column 'when' of X holds dates"),
    ],
)
def test_bad_data_gives_one_sentence(table, tiny, change, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        GANOverSampler(**tiny).fit_resample(*change(*table))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("strategy", "sentence"),
    [
        ({1: 3}, "greater"),
        ({7: 100}, "not present"),
        (0.01, "number of samples|remove samples"),
        ("majority", "sampling_strategy"),
    ],
)
def test_impossible_strategies_give_one_sentence(table, tiny, strategy, sentence):
    with pytest.raises(ValueError, match=sentence):
        GANOverSampler(sampling_strategy=strategy, **tiny).fit_resample(*table)


def test_copies_carry_no_live_network(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(*table)
    rows = sampler.sample(20, 1)
    for copied in (pickle.loads(pickle.dumps(sampler)), copy.deepcopy(sampler)):
        np.testing.assert_array_equal(copied.sample(20, 1), rows)
    assert b"tensorflow" not in pickle.dumps(sampler)


@pytest.mark.filterwarnings("ignore::gan_oversampler.ConvergenceWarning")
@pytest.mark.parametrize("data", ["table", "digits"])
def test_warm_start_is_as_if_it_had_not_stopped(request, data, tiny, tmp_path):
    X, y = request.getfixturevalue(data)
    label = y[0] if data == "digits" else 1
    deformation = "auto" if data == "table" else "affine"
    whole = GANOverSampler(deformation=deformation, random_state=0, **{**tiny, "max_iter": 9})
    expected, _ = whole.fit_resample(X, y)
    sampler = clone(whole).set_params(warm_start=True, max_iter=4)
    sampler.fit_resample(X, y)
    sampler.save(tmp_path / "sampler.gan")
    loaded = GANOverSampler.load(tmp_path / "sampler.gan")
    for copied in (pickle.loads(pickle.dumps(sampler)), copy.deepcopy(sampler), loaded, sampler):
        X_res, _ = copied.set_params(max_iter=5, random_state=None).fit_resample(X, y)
        np.testing.assert_array_equal(X_res, expected)
        assert list(copied.history_[label]["step"]) == list(range(1, 10))
        np.testing.assert_array_equal(copied.sample(5, label), whole.sample(5, label))


def test_warm_start_keeps_plain_arrays_and_cold_start_keeps_none(table, tiny):
    sampler = GANOverSampler(random_state=0, **tiny)
    sampler.fit_resample(*table)
    assert not hasattr(sampler, "_training_states_")
    sampler.set_params(warm_start=True).fit_resample(*table)
    assert all(type(v) is np.ndarray for v in sampler._training_states_[1].variables)
    assert b"tensorflow" not in pickle.dumps(sampler)
    assert list(sampler.history_[1]["step"]) == [1, 2, 3]  # the first fit had kept nothing to go on from


def test_warm_start_takes_a_new_learning_rate_and_new_rows(table, tiny):
    X, y = table
    sampler = GANOverSampler(warm_start=True, random_state=0, **tiny)
    sampler.fit_resample(X, y)
    sampler.set_params(learning_rate=1e-5, sampling_strategy={0: 120, 1: 90})
    with pytest.warns(
        UserWarning, match=r"rows of class 1 have another range.* on a new scale.*warm_start=False"
    ) as seen:
        X_res, _ = sampler.fit_resample(X[5:] * 2, y[5:])
    assert len(seen) == 1  # class 0 has no networks to go on with
    assert seen[0].filename == __file__
    assert len(X_res) == 210
    assert {k: len(h["step"]) for k, h in sampler.history_.items()} == {0: 3, 1: 6}
    assert sampler._training_states_[1].variables[0].shape == (8, 128)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda X, y: (X[:, :4], y), r"rows of shape \(5,\).*these are of shape \(4,\)"),
        (lambda X, y: (X, np.where(np.arange(120) < 20, 2, y)), r"classes \[0, 1\], but .* classes \[0, 1, 2\]"),
    ],
)
def test_warm_start_refuses_other_data_and_keeps_what_was_fitted(table, tiny, change, sentence):
    sampler = GANOverSampler(warm_start=True, random_state=0, **tiny)
    sampler.fit_resample(*table)
    before, rows = dict(vars(sampler)), sampler.sample(5, 1)
    with pytest.raises(ValueError, match=f"warm_start goes on from .*{sentence}.*warm_start=False") as error:
        sampler.fit_resample(*change(*table))
    assert "\n" not in str(error.value)
    assert vars(sampler) == before
    np.testing.assert_array_equal(sampler.sample(5, 1), rows)


def test_warm_start_refuses_other_networks(table, tiny):
    sampler = GANOverSampler(warm_start=True, random_state=0, **tiny)
    sampler.fit_resample(*table)
    with pytest.raises(ValueError, match=r"networks to go on from have other shapes.*warm_start=False"):
        sampler.set_params(latent_dim=9).fit_resample(*table)


def test_a_share_of_new_images_is_deformed_real_ones(digits, tiny):
    X, y = digits
    sampler = GANOverSampler(random_state=0, label_filter=False, **tiny | {"deformed_share": 0.5})
    sampler.fit_resample(X, y)
    model = sampler.models_[3]
    as_they_are = replace(model, deformation=None)
    drawn = Drawn.joined(list(as_they_are.draw(2000, np.random.default_rng(0)))).rows
    real = {row.tobytes() for row in model.codec.decode(model.real.rows)}
    share = np.mean([row.tobytes() in real for row in drawn])
    assert share == pytest.approx(0.5, abs=0.05)
    assert model.deformed_share == 0.5


def test_the_filter_judges_what_is_generated_and_no_real_image(digits, tiny):
    sampler = GANOverSampler(random_state=0, **tiny | {"deformed_share": 0.5})
    sampler.fit_resample(*digits)
    model = sampler.models_[3]

    class Blackens:
        def draw(self, draw, n, rng):
            return Drawn.without_parents(np.full_like(draw(n, rng).rows, -1))

    blackened = replace(model, label_filter=Blackens())
    drawn = Drawn.joined(list(blackened.draw(400, np.random.default_rng(0)))).rows
    assert (drawn.max(axis=1) == drawn.min()).mean() == pytest.approx(0.5, abs=0.1)


def test_images_that_nothing_deforms_are_all_generated(digits, tiny):
    sampler = GANOverSampler(random_state=0, deformation=None, **tiny)
    sampler.fit_resample(*digits)
    assert sampler.shares_ == {3: {"generated": 1.0}}
    with pytest.raises(ValueError, match="deformation is None or a callable"):
        clone(sampler).set_params(deformed_share=0.5, deformation=None).fit_resample(*digits)


@pytest.mark.parametrize(
    ("parameters", "word"),
    [
        ({"preset": "notebook"}, "repeated"),
        ({"preset": "notebook", "deformation": "affine"}, "deformed"),
        ({"deformation": None}, "repeated"),
        ({}, "deformed"),
    ],
)
def test_the_warning_says_what_is_done_with_the_rows_of_a_small_class(digits, parameters, word):
    X, y = digits[0][35:], digits[1][35:]
    sampler = GANOverSampler(random_state=0, **parameters)
    with pytest.warns(SmallClassWarning, match=f"so its real rows are {word} instead"):
        X_res, _ = sampler.fit_resample(X, y)
    are_repeated = {tuple(row) for row in X_res[len(X) :]} <= {tuple(row) for row in X}
    assert are_repeated == (word == "repeated")


class Builder:
    """Builder that is an object."""

    def __init__(self, build):
        self.build = build

    def __call__(self, *sizes):
        return self.build(*sizes)


@pytest.mark.parametrize("wrap", [partial, Builder, lambda build: lambda *sizes: build(*sizes)])
def test_builders_of_every_kind_build_or_are_named_in_the_error(table, tiny, wrap):
    X_res, _ = GANOverSampler(generator=wrap(narrow_generator), random_state=0, **tiny).fit_resample(*table)
    assert len(X_res) == 180
    with pytest.raises(ValueError, match=r"The generator that .*(wrong_generator|Builder|lambda).* built gives"):
        GANOverSampler(generator=wrap(wrong_generator), **tiny).fit_resample(*table)
    with pytest.raises(ValueError, match=r"discriminator=.* must return a keras.Model, but it returned None"):
        GANOverSampler(discriminator=wrap(print), **tiny).fit_resample(*table)


WAYS = {"repeated": 1 / 3, "interpolated": 1 / 3, "perturbed": 1 / 3}


def test_a_table_trains_no_network_where_all_rows_are_to_be_made_of_real_ones(table, tiny, capsys):
    sampler = GANOverSampler(deformed_share=1, random_state=0, verbose=1)
    rows, _ = sampler.fit_resample(*table)
    assert sampler.shares_ == {1: WAYS}
    assert sampler.history_ == {1: {}}
    assert "class 1: new rows are 33% repeated, 33% interpolated, 33% perturbed." in capsys.readouterr().out
    np.testing.assert_array_equal(rows, DeformationOverSampler(random_state=0).fit_resample(*table)[0])
    beside = clone(sampler).set_params(**tiny | {"deformed_share": 0.4}, verbose=0)
    beside.fit_resample(*table)
    assert beside.shares_[1]["generated"] == pytest.approx(0.6)
    assert len(beside.history_[1]["step"]) == 3


def test_a_third_of_the_new_rows_of_a_table_is_real_to_the_last_bit(table):
    X, y = table
    sampler = DeformationOverSampler(sampling_strategy={1: 3030}, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    is_repeated = (X_res == X[sampler.parent_indices_]).all(axis=1)[120:]
    assert is_repeated.mean() == pytest.approx(1 / 3, abs=0.03)


@pytest.mark.parametrize("deformation", ["affine", no_change])
def test_what_deforms_images_is_refused_for_a_table(table, deformation):
    for sampler in (GANOverSampler(deformation=deformation), DeformationOverSampler(deformation=deformation)):
        with pytest.raises(ValueError, match="is for images, but X was taken for a table"):
            sampler.fit_resample(*table)


def test_rows_of_a_table_are_repeated_where_nothing_may_move(table):
    X, y = table
    sampler = DeformationOverSampler(deformation=None, random_state=0)
    X_res, _ = sampler.fit_resample(X, y)
    assert sampler.shares_ == {1: {"repeated": 1.0}}
    np.testing.assert_array_equal(X_res, X[sampler.parent_indices_])


@pytest.mark.parametrize("cls", [GANOverSampler, DeformationOverSampler])
@pytest.mark.parametrize("use", [lambda s: s.sample(3, 1), lambda s: s.quality_report_])
def test_a_sampler_that_was_not_fitted_says_so(cls, use):
    with pytest.raises(NotFittedError, match="has learned no class yet: call fit or fit_resample first"):
        use(cls())


def test_a_structured_array_is_told_a_call_that_works():
    from numpy.lib.recfunctions import structured_to_unstructured

    X, y = np.zeros(40, [("a", "f8"), ("b", "i4")]), np.arange(40) < 15
    with pytest.raises(ValueError, match=r"fields a, b: give numpy\.lib\..*structured_to_unstructured\(X\)"):
        DeformationOverSampler().fit_resample(X, y)
    assert DeformationOverSampler().fit_resample(structured_to_unstructured(X), y)[0].shape == (50, 2)
