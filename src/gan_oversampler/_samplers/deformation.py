"""DeformationOverSampler: random over-sampling with random deformation, and no network."""

from __future__ import annotations

from typing import Any, ClassVar

from gan_oversampler._classes.model import ClassModel
from gan_oversampler._classes.task import ClassTask
from gan_oversampler._samplers.base import BaseModelOverSampler
from gan_oversampler._samplers.fit import Fit


class RealRowsFit(Fit):
    """One fit in which each class is its real rows and a deformation."""

    def learn_model(self, task: ClassTask) -> ClassModel:
        return task.real_rows(task.resolve_deformation(self.sampler.deformation))


class DeformationOverSampler(BaseModelOverSampler):
    """Over-sample with randomly deformed copies of real images, or randomly perturbed rows of a table.

    Data augmentation as a sampler. Use it as a baseline, or instead of `GANOverSampler` where both do equally well. It
    needs no TensorFlow.

    Of a table, a third of the new rows are real rows repeated, a third lie between a real row and one of its 5 nearest
    in the class, moved by half a learned difference, and a third are real rows moved by three quarters of one. Learned
    differences are those between near neighbours among the rows of the other classes. Only numbers move: a new row has
    the categories, and misses the values, of the real row that it started from.

    Parameters
    ----------
    sampling_strategy : float, str, dict or callable, default="auto"
        How many rows each class should have. A dict may ask for more of every class.
    image_shape : "auto", (H, W), (H, W, C) or None, default="auto"
        As in `GANOverSampler`.
    categorical_features : "auto", array-like or None, default="auto"
        As in `GANOverSampler`.
    deformation : "auto", "affine", "learned", callable or None, default="auto"
        "learned": drawn from the deformations that carry near neighbours among the other classes' images onto one
        another (Hauberg et al. 2016, arXiv:1510.02795), with a strength chosen per class. Where the other images
        teach none, "affine" is used. "affine": rotation up to 12 degrees, scale 12 %, shear .2, shift 1 pixel in
        28. "auto": "learned" where it explains at least .7 of how neighbours differ (digits), otherwise "affine"
        (photographs). Both also mirror and turn images and change their contrast and brightness, as far as this leaves
        the other classes' images, and the class's own, among their kind; where it helps to find left-out images of the
        class, they are mirrored and not bent (solar cells). A callable takes images of shape
        (n, H, W, C), float32 in [-1, 1], and a `numpy.random.Generator`, and returns images. Of a table
        "auto" and "learned" mean the same, and rows of more than 2,000 columns are repeated. None repeats the real
        rows.
    synthetic_weight : float, default=None
        As in `GANOverSampler`.
    n_jobs : int, default=None
        Classes that are learned at the same time, each in a worker of joblib: processes on this machine, or what
        `joblib.parallel_config` names. The rows are the same for every number. None: one, unless a `parallel_config`
        says otherwise; -1: as many as there are cores.
    random_state : int, RandomState or None, default=None
        An int gives equal rows on every call.

    Attributes
    ----------
    sampling_strategy_, classes_, image_shape_
        As in `GANOverSampler`.
    models_, quality_report_, synthetic_mask_, sample_weight_, parent_indices_
        As in `GANOverSampler`.
    n_features_in_, feature_names_in_
        As in `GANOverSampler`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from gan_oversampler import DeformationOverSampler
    >>> X, y = load_digits(return_X_y=True)
    >>> X, y = X[y < 2][:200], y[y < 2][:200]
    >>> X_res, y_res = DeformationOverSampler(sampling_strategy={1: 150}, random_state=0).fit_resample(X, y)
    >>> X_res.shape[1], int((y_res == 1).sum())
    (64, 150)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {**BaseModelOverSampler._parameter_constraints}
    _fit_type = RealRowsFit

    def __init__(
        self,
        *,
        sampling_strategy: Any = "auto",
        image_shape: Any = "auto",
        categorical_features: Any = "auto",
        deformation: Any = "auto",
        synthetic_weight: float | None = None,
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
