"""GANOverSampler: its parameters, and their checks before a fit begins."""

from __future__ import annotations

import os
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from gan_oversampler._classes.training_memory import check_training_fits
from gan_oversampler._deformation.deformations import Deformation
from gan_oversampler._gan import distributed, gate, presets
from gan_oversampler._gan.builders import check_builders, plan_of
from gan_oversampler._rows.user_rows import UserRows
from gan_oversampler._samplers import parallel
from gan_oversampler._samplers.base import BaseModelOverSampler
from gan_oversampler._samplers.gan_fit import GANFit
from gan_oversampler.callbacks._hooks import Callback, check_callbacks, check_run_in_workers
from gan_oversampler.callbacks._scikit_learn import CallbackSupportMixin, with_callbacks


class GANOverSampler(CallbackSupportMixin, BaseModelOverSampler):
    """Over-sample classes with new rows drawn from a generative adversarial network.

    Each class that needs more rows gets an unconditional network, fitted to that class alone: a DCGAN where rows are
    images, a dense GAN where they are a table. A share of the new rows (`deformed_share`) is made of real ones, as in
    `DeformationOverSampler`. The original rows come back first and unchanged, followed by exactly as many new rows as
    `sampling_strategy` asks for.

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
    _fit_type = GANFit

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

    def _check_before_training(
        self, rows: UserRows, labels: np.ndarray, wanted: tuple[Any, ...], in_result: int
    ) -> None:
        check_callbacks(self.callbacks)
        check_builders(self.get_params(deep=False))
        in_workers = parallel.n_workers(self.n_jobs, wanted) > 1
        if in_workers:
            check_run_in_workers(self.callbacks, getattr(self, "_skl_callbacks", None))
        if not wanted:
            return
        preset = presets.choose(self.preset, rows.image_shape is not None)
        if (preset.deformed_share if self.deformed_share is None else self.deformed_share) == 1:
            return
        gate.require_tensorflow()
        distributed.check(self.batch_size or preset.batch_size, in_workers)
        if rows.image_shape is not None:  # the networks of tables are small
            shape = (*rows.image_shape, 1)[:3]
            check_training_fits(
                plan_of(preset, shape, None, self.get_params(deep=False)),
                shape,
                labels,
                wanted,
                deforms=isinstance(preset.deformation_for(self.deformation), str | Deformation),
                n_processes=parallel.n_processes(self.n_jobs, wanted),
                in_result=in_result,
            )

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
