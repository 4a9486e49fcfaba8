"""GANOverSampler: encode -> train -> generate per class -> decode -> stack."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from gan_oversampler._classes.model import ClassModel, GeneratorSource
from gan_oversampler._classes.no_network import is_too_small, tell_of_repeats, tell_where_as_good, warn_too_small
from gan_oversampler._classes.task import ClassTask, name_of_label
from gan_oversampler._classes.training import (
    STATES,
    TrainingSession,
    Watch,
    report_trouble,
    states_to_go_on_from,
    warn_of_another_scale,
)
from gan_oversampler._classes.training_memory import check_training_fits
from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import distributed, gate, presets
from gan_oversampler._gan.builders import check_builders, plan_of
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._samplers import parallel
from gan_oversampler._samplers.base import BaseModelOverSampler, Fit
from gan_oversampler._trained.checkpoint import Checkpoint, identity
from gan_oversampler._trained.time_limit import TimeLimit
from gan_oversampler._utils import seeds
from gan_oversampler.callbacks._hooks import Callback, CallbackGroup, check_callbacks, check_run_in_workers
from gan_oversampler.callbacks._progress_bar import ProgressBar
from gan_oversampler.callbacks._scikit_learn import CallbackSupportMixin, SklearnCallbacks, with_callbacks


@dataclass(eq=False, kw_only=True)
class _GANFit(Fit):
    session: TrainingSession
    earlier_models: dict[Any, ClassModel]
    threads: parallel.WorkerThreads | None = None
    """In a worker."""

    def part(self, label: Any, n_rounds: int) -> _GANFit:
        earlier = {label: self.earlier_models[label]} if label in self.earlier_models else {}
        session = self.session.part(label, n_rounds)
        return _GANFit(self.seed, session=session, earlier_models=earlier, threads=self.threads)

    def around(self, label: Any) -> AbstractContextManager[Any]:
        return self.session.around((label,))


class GANOverSampler(CallbackSupportMixin, BaseModelOverSampler):
    """Over-sample classes with new rows drawn from a generative adversarial network.

    Each class of images that needs more rows gets an unconditional DCGAN, fitted to that class alone. New rows of a
    table are made of real ones, as in `DeformationOverSampler`; a dense GAN adds to them only where it is asked for,
    since it did not pay where it was tried. The original rows come back first and unchanged, followed by exactly
    as many new rows as `sampling_strategy` asks for.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        How many rows each class should have, as everywhere in imbalanced-learn. A dict may ask for more of
        every class, the majority's too.
    image_shape : "auto", (H, W), (H, W, C) or None, default="auto"
        Shape of the image in a row of X. "auto": X of 3 or 4 dimensions are images. Flat rows are images only where
        their columns prove it: their number is 1 to 4 times a square, and neighbouring columns resemble each other as
        pixels do. None: a table.
    categorical_features : "auto", array-like or None, default="auto"
        Columns of a table that are categories: their names, their indices or a mask, as in
        `imblearn.over_sampling.SMOTENC`. "auto": all that are not numbers (strings, bools, pandas' categories without
        an order). None: none is.
    deformation : "auto", "affine", "learned", callable or None, default="auto"
        Random deformation under which an image stays in its class. It is applied to real and generated images in
        front of the discriminator, and again to drawn images, so that the generator need not imitate it.
        "learned": drawn from the deformations that carry near neighbours among the other classes' images onto one
        another. The strength is chosen per class, at most .75, so that deformed images are misclassified at most
        1.5 times as often as real ones. Where the other images teach no deformation (too few, or too unlike),
        "affine" is used. "affine": rotation up to 12 degrees, scale 12 %, shear .2, shift 1 pixel in 28. "auto":
        "learned" where it explains at least .7 of how neighbours differ (digits), otherwise "affine" (photographs).
        "learned" and "auto" also mirror and turn images and change their contrast and brightness, as far as this
        leaves the other classes' images, and the class's own, among their kind.
        A callable takes images of shape (n, H, W, C), float32 in [-1, 1], and a `numpy.random.Generator`, and
        returns images; it deforms the real images only. Of a table "auto" and "learned" mean the same, see
        `DeformationOverSampler`; None repeats its rows; "affine" and callables are refused.
    preset : "auto" or "notebook", default="auto"
        Networks and settings for the parameters that are None. "notebook": the network of the notebook that began
        this project (images only).
    latent_dim : int, default=None
        Length of the noise vector; None: 64 for images, 32 for tables.
    max_iter : int, default=None
        Training steps per class, for tables the most: their training ends when generated rows are near the real ones
        and have come no nearer for 500 steps, with the last weights that drew as near as any. `history_` has an entry
        for each step taken. None: 1400 for images, 2800 where `deformed_share` is 0 and the network makes all new
        images; 3000 for tables and the notebook's networks.
    batch_size : int, default=None
        Real rows per step; None: 64.
    learning_rate : float, default=None
        Learning rate of both optimizers; None: 1e-3 for images, 5e-4 for tables.
    generator : callable, default=None
        Importable function (latent_dim, output_shape) -> keras.Model from (n, latent_dim) to
        ``(n, *output_shape)``: (H, W, C) in [-1, 1] for images, (p,) standard scores for tables.
    discriminator : callable, default=None
        Importable function (input_shape) -> keras.Model from ``(n, *input_shape)`` to (n, 1) logits. Regularizers of
        either network count in its training, but not in the losses of `history_`.
    deformed_share : float in [0, 1], default=None
        Share of the new rows that are made of real rows of the class: of images these are deformed, and generated ones
        too; of tables they are perturbed. At 1 no network is trained, as in `DeformationOverSampler`. None: .75, which
        ranked held-out digits better than generated images alone; .95 where `deformation="auto"` finds that images of
        the other classes do not deform into one another (photographs); 0 where images are not deformed; 1 for tables of
        more than 2,000 columns, unless a `generator` or `discriminator` is given. On photographs and tables a network
        was not found to add to rows made of real ones: `DeformationOverSampler` is as good there, and quicker.
    label_filter : bool, default=True
        Keep a generated image only if a small dense classifier takes it for the class. The classifier learns the class
        from its deformed real images. Tables, and data with fewer than 50 rows in the other classes, are not
        filtered.
    checkpoint : path-like, default=None
        File to which training is saved every 30 seconds, after each class and on Ctrl+C. After a stop, a fit with the
        same data, parameters and `random_state` continues from the file and ends with the same rows as a fit that
        was never stopped. With ``random_state=None`` the seed comes from the file, too. A fit that ends removes the
        file: keep the result with `save`. One file serves one fit at a time. With `n_jobs` each class has a file of its
        own beside this one, and any number of workers continues from all.
    warm_start : bool, default=False
        Another `fit_resample` continues to train the networks of the last one, with its seed, for `max_iter` further
        steps per class. X must have rows of the same shape and the same classes. Discriminators and optimizers are
        kept for this. A fit that fails leaves the earlier state.
    on_divergence : "warn" or "raise", default="warn"
        What to do when training went wrong twice, the second time from a fresh seed. It went wrong if losses explode,
        the discriminator is always right, or samples are all alike or copies of the real rows. "warn" gives a
        `ConvergenceWarning` that says what to try, "raise" a `DivergenceError`.
    time_limit : float, default=None
        Seconds after which training ends with the averaged weights of that moment. Each class gets an equal share of
        the time that is left, including the time to learn its deformation. The label filter and drawing come on top.
        A `ConvergenceWarning` names a class that had fewer than 100 steps.
    callbacks : list of Callback, default=None
        Hooks into training, see `gan_oversampler.callbacks`: `EarlyStopping`, `TensorBoard` or your own. They are
        called in order. When one asks to stop, the later ones are not called in that step.
    verbose : int, default=0
        0 prints nothing, 1 shows a progress bar per class, 2 also prints drawn images, ten times per training.
    n_jobs : int, default=None
        Classes that are trained at the same time, each in a worker of joblib: processes on this machine, or what
        `joblib.parallel_config` names. The rows are the same for every number. None: one, unless a `parallel_config`
        says otherwise; -1: as many as there are cores. With workers `verbose` counts finished classes, and callbacks
        must say that they work there (`Callback.runs_in_workers`).
    random_state : int, RandomState or None, default=None
        An int gives equal rows on every call, on the same machine with the same number of threads. None draws
        fresh entropy; NumPy's, TensorFlow's and Keras' global seeds are neither read nor set.

    Attributes
    ----------
    sampling_strategy_ : dict
        Class -> number of new rows.
    classes_ : ndarray of shape (n_classes,)
    image_shape_ : tuple of int or None
        The image shape that was given or found; None for a table.
    history_ : dict
        Class -> dict of arrays, one value per training step: "step", "generator_loss", "discriminator_loss",
        "discriminator_accuracy" (in [0, 1]), "energy_distance" (of 256 generated rows to the real ones, as a share
        of how far those lie from each other, 0 on average where both are alike and at times a little less; every
        100th step, NaN between) and "seconds" (since the start), ready for ``pandas.DataFrame``.
    models_ : dict
        Class -> its learned model, as plain arrays.
    quality_report_ : dict
        Class -> `gan_oversampler.inspection.QualityReport`: the scores of drawn rows next to those of other real rows,
        and a verdict. It is measured when first asked for, in a second or a few, from a small sample of real rows. The
        sampler and its pickle hold this sample; `save` writes the numbers alone.
    synthetic_mask_ : ndarray of shape (n_rows_resampled,), bool
        True for the new rows.
    sample_weight_ : ndarray of shape (n_rows_resampled,), float64
        Weight of each row of the result, for the `fit` of a classifier; 1 if no weights were given or asked for. A
        saved file does not hold it.
    n_replicas_ : int
        Devices that shared each training step: those of the `tf.distribute` strategy in whose scope it was fitted, or
        1. A saved file does not hold it.
    parent_indices_ : ndarray of shape (n_rows_resampled,), int64
        The row of X that each row was made from: a deformed or repeated copy has the index of the row that it is a
        copy of, an original row its own, and a row that the generator drew -1.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where X is a DataFrame with string columns.

    Raises
    ------
    ValueError
        From `fit_resample`, before any training, if data or parameters are not as described.
    DivergenceError
        If training went wrong and `on_divergence` is "raise".
    CheckpointError
        If `checkpoint` is the file of another training, or damaged.
    BackendError, ForkedProcessError
        If Keras runs on another backend, or in a process that was forked after TensorFlow had run.
    WorkerLostError
        If several machines train together, and another one ended or cannot be reached.

    See Also
    --------
    DeformationOverSampler : Random over-sampling with deformation, without a network.
    imblearn.over_sampling.SMOTE : Interpolation between neighbours.

    Notes
    -----
    A class with fewer than 10 different rows trains no network, since a discriminator would learn them by heart. Its
    real rows are repeated (images: deformed), with a `SmallClassWarning`. Training is watched: a training that goes
    wrong is ended and repeated once from another seed before `on_divergence` decides.

    References
    ----------
    Goodfellow, I. et al. (2014). Generative adversarial nets. arXiv:1406.2661.

    Radford, A., Metz, L., & Chintala, S. (2016). Unsupervised representation learning with deep convolutional
    generative adversarial networks. arXiv:1511.06434.

    Hauberg, S. et al. (2016). Dreaming more data: class-dependent distributions over diffeomorphisms for learned
    data augmentation. arXiv:1510.02795.

    Karras, T. et al. (2020). Training generative adversarial networks with limited data. arXiv:2006.06676.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from gan_oversampler import GANOverSampler
    >>> X, y = make_classification(n_samples=300, weights=[0.9], random_state=0)
    >>> X_res, y_res = GANOverSampler(max_iter=50, random_state=0).fit_resample(X, y)
    >>> int((y_res == 0).sum()) == int((y_res == 1).sum())
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseModelOverSampler._parameter_constraints,
        "preset": [StrOptions({"auto", "notebook"})],
        "latent_dim": [Interval(Integral, 1, None, closed="left"), None],
        "max_iter": [Interval(Integral, 1, None, closed="left"), None],
        "batch_size": [Interval(Integral, 2, None, closed="left"), None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "generator": [callable, None],
        "discriminator": [callable, None],
        "deformed_share": [Interval(Real, 0, 1, closed="both"), None],
        "label_filter": ["boolean"],
        "checkpoint": [str, os.PathLike, None],
        "warm_start": ["boolean"],
        "on_divergence": [StrOptions({"warn", "raise"})],
        "time_limit": [Interval(Real, 0, None, closed="neither"), None],
        "callbacks": [list, None],
        "verbose": ["verbose"],
    }

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        image_shape: Any = "auto",
        categorical_features: Any = "auto",
        deformation: Any = "auto",
        preset: str = "auto",
        latent_dim: int | None = None,
        max_iter: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        generator: Callable[..., Any] | None = None,
        discriminator: Callable[..., Any] | None = None,
        deformed_share: float | None = None,
        synthetic_weight: float | None = None,
        label_filter: bool = True,
        checkpoint: str | os.PathLike[str] | None = None,
        warm_start: bool = False,
        on_divergence: str = "warn",
        time_limit: float | None = None,
        callbacks: list[Callback] | None = None,
        verbose: int = 0,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            sampling_strategy=sampling_strategy,
            image_shape=image_shape,
            categorical_features=categorical_features,
            deformation=deformation,
            synthetic_weight=synthetic_weight,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        self.preset = preset
        self.latent_dim = latent_dim
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.generator = generator
        self.discriminator = discriminator
        self.deformed_share = deformed_share
        self.label_filter = label_filter
        self.checkpoint = checkpoint
        self.warm_start = warm_start
        self.on_divergence = on_divergence
        self.time_limit = time_limit
        self.callbacks = callbacks
        self.verbose = verbose

    def _trains(self, is_image: bool) -> bool:
        """Whether classes that are large enough get a network."""
        preset = presets.choose(self.preset, is_image)
        return (preset.deformed_share if self.deformed_share is None else self.deformed_share) < 1

    def _check_before_training(
        self, rows: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], in_result: int
    ) -> None:
        check_callbacks(self.callbacks)
        check_builders(self.get_params(deep=False))
        in_workers = parallel.n_workers(self.n_jobs, wanted) > 1
        if in_workers:
            check_run_in_workers(self.callbacks, getattr(self, "_skl_callbacks", None))
        if not wanted or not self._trains(rows.image_shape is not None):
            return
        gate.require_tensorflow()
        preset = presets.choose(self.preset, rows.image_shape is not None)
        distributed.check(self.batch_size or preset.batch_size, in_workers)
        if rows.image_shape is not None:  # the networks of tables are small
            shape = (*rows.image_shape, 1)[:3]
            check_training_fits(
                plan_of(preset, shape, None, self.get_params(deep=False)),
                shape,
                labels,
                wanted,
                deforms=isinstance(self._deformation_of(preset), str | Deformation),
                n_processes=parallel.n_processes(self.n_jobs, wanted),
                in_result=in_result,
            )

    def _deformation_of(self, preset: presets.Preset) -> Any:
        return preset.deformation if self.deformation == "auto" else self.deformation

    @with_callbacks
    def fit_resample(self, X: Any, y: Any, sample_weight: Any = None) -> tuple[Any, Any]:
        with distributed.clear_errors():
            return super().fit_resample(X, y, sample_weight)

    fit_resample.__doc__ = BaseModelOverSampler.fit_resample.__doc__

    @with_callbacks
    def fit(self, X: Any, y: Any) -> Self:
        with distributed.clear_errors():
            return super().fit(X, y)

    fit.__doc__ = BaseModelOverSampler.fit.__doc__

    def _recover(self, earlier: dict[str, Any]) -> None:
        if self.warm_start:
            self.__dict__.update(earlier)

    @contextmanager
    def _begin_fit(
        self, rows: np.ndarray, labels: np.ndarray, wanted: tuple[Any, ...], earlier: dict[str, Any]
    ) -> Iterator[_GANFit]:
        states = states_to_go_on_from(earlier, rows, labels) if self.warm_start else {}
        random_state = earlier["seed_"] if states else self.random_state
        distributed.meet()  # by then the chief has removed the file of an earlier fit
        is_chief, given = distributed.is_chief(), self.get_params(deep=False)
        checkpoint = Checkpoint.of_fit(self.checkpoint, rows, labels, given, states, random_state, is_chief)
        time_limit = TimeLimit(math.inf if self.time_limit is None else self.time_limit)
        shown = [ProgressBar(int(self.verbose) * is_chief), SklearnCallbacks(self)]
        hooks = CallbackGroup([*shown, *distributed.of_this_one(self.callbacks or ()), Watch()])
        session = TrainingSession(hooks, time_limit, checkpoint, states)
        in_workers = parallel.n_workers(self.n_jobs, wanted) > 1
        around = nullcontext() if in_workers else session.around(wanted)
        # The file goes last: what fails before, the end of a callback too, must not cost the training.
        with checkpoint.until_done() if checkpoint else nullcontext(), around:
            seed = distributed.seed_of_all(
                seeds.root_seed(random_state) if checkpoint is None else checkpoint.seed,
                lambda: (identity(rows, labels, self._shared_parameters), checkpoint and checkpoint.stopped_at),
            )
            extras = {"n_replicas_": distributed.n_replicas()}
            fit = _GANFit(seed, extras, session=session, earlier_models=earlier.get("models_", {}))
            if in_workers:
                fit.threads = parallel.WorkerThreads.of_here()
                if checkpoint:
                    checkpoint.write_for_parts()
            yield fit

    @property
    def _shared_parameters(self) -> dict[str, Any]:
        """Parameters that must be equal on all workers of a fit."""
        own = ("callbacks", "checkpoint", "random_state", "time_limit", "verbose")
        return {name: value for name, value in self.get_params(deep=False).items() if name not in own}

    def _for_worker(self) -> Self:
        return super()._for_worker().set_params(checkpoint=None, verbose=0)

    def _shown(self, finished: Iterable[parallel.Finished], n_classes: int) -> Iterable[parallel.Finished]:
        from rich.progress import track

        bar = track(finished, "classes", total=n_classes, disable=not self.verbose)
        for done in bar:
            self._tell_shares(done.label, done.learned[0])
            yield done

    def _fit_class(self, task: ClassTask, fit: _GANFit) -> ClassModel:
        history = fit.extras.setdefault("history_", {})
        preset = presets.choose(self.preset, task.is_image)
        deformation = task.resolve_deformation(self._deformation_of(preset))
        share = self._share(task, preset, deformation)
        if share == 1:
            history[task.label] = {}
            return self._told(task, task.real_rows(deformation))
        source, history[task.label] = self._train(task, preset, deformation if task.is_image else None, share, fit)
        label_filter = task.label_filter(deformation) if self.label_filter else None
        drawn_with = deformation if isinstance(deformation, Deformation) else None
        real = task.made_of_real(deformation) if share else None
        originals = task.own if share and not task.is_image else None
        return self._told(task, ClassModel(task.codec, source, drawn_with, label_filter, real, share, originals))

    def _share(self, task: ClassTask, preset: presets.Preset, deformation: Any) -> float:
        """The share of rows made of real ones, for this class; at 1 no network is trained."""
        # Who asks for affine deformation has not had it asked whether images deform into one another.
        is_like_photographs = self._deformation_of(preset) == "auto" and task.is_like_photographs(deformation)
        share = task.resolve_deformed_share(self.deformed_share, preset.share(is_like_photographs), deformation)
        if share < 1 and is_too_small(task):
            warn_too_small(task, deformation)
            return 1.0
        has_own_network = self.generator is not None or self.discriminator is not None
        if self.deformed_share is None and task.is_wide and not has_own_network:
            return 1.0
        if self.deformed_share is None and share and self.verbose:
            tell_where_as_good(task, deformation)
        return share

    def _told(self, task: ClassTask, model: ClassModel) -> ClassModel:
        """The model, after its shares are printed where `verbose` asks for that."""
        self._tell_shares(task.label, model)
        return model

    def _tell_shares(self, label: Any, model: ClassModel) -> None:
        if self.verbose:
            made = ", ".join(f"{share:.0%} {way}" for way, share in model.shares.items())
            print(f"class {name_of_label(label)}: new rows are {made}.", flush=True)

    def _train(
        self, task: ClassTask, preset: presets.Preset, deformation: Any, share: float, fit: _GANFit
    ) -> tuple[GeneratorSource, dict[str, np.ndarray]]:
        if fit.threads:
            fit.threads.limit()
        plan = plan_of(preset, task.codec.tensor_shape, deformation, self.get_params(deep=False))
        if self.verbose:
            tell_of_repeats(task, plan.batch_size)
        if task.label in fit.session.earlier:
            warn_of_another_scale(task, fit.earlier_models[task.label].codec)
        max_iter = self.max_iter or preset.steps(share)
        outcome = fit.session.train(plan, task.data, deformation, label=task.label, seed=task.seed, max_iter=max_iter)
        report_trouble(outcome, task.name, max_iter, self.on_divergence)
        if self.warm_start:
            fit.extras.setdefault(STATES, {})[task.label] = outcome.state
        source = GeneratorSource(plan.generator, outcome.state.weights, plan.latent_dim, plan.latent)
        return source, outcome.history
