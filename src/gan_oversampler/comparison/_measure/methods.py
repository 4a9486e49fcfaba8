"""What is compared: every method is a sampler, the minority rows it may see, and how the classifier is trained and
decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE, RandomOverSampler

from gan_oversampler import DeformationOverSampler, GANOverSampler
from gan_oversampler.batches import BalancedBatches
from gan_oversampler.comparison._measure.draws import curve_sizes
from gan_oversampler.comparison._rivals.augmentations import Cutout, MixupWithinClass, RandAugment, TrivialAugment
from gan_oversampler.comparison._rivals.deep_smote import DeepSMOTE

Role = Literal["baseline", "rival", "sampler", "oracle", "curve"]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Method:
    """One way to treat the training rows.

    Attributes
    ----------
    name : str
    role : str
        "baseline" leaves the rows unchanged, "rival" is a known method, "sampler" is ours or the user's,
        "oracle" sees all minority rows, "curve" is a point of the learning curve.
    sampler : imblearn sampler, pipeline of samplers, or None
    n_minority : int
        Minority rows that it may see.
    weighted, tuned, corrected : bool
        Class weights; a threshold tuned by cross-validation; probabilities corrected to the share of positives that
        held-out rows have.
    options : dict
        Parameters of the classifier. A classifier that lacks one goes without this method.
    evened : bool
        Whether `options` train the classifier as if both classes were equally frequent.
    """

    name: str
    role: Role
    sampler: Any
    n_minority: int
    weighted: bool = False
    tuned: bool = False
    corrected: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    evened: bool = False


def both_classes(y: Any) -> dict[Any, int]:
    """A `sampling_strategy`: as many new majority rows as there are real ones, and the minority up to the
    same total."""
    labels, counts = np.unique(np.asarray(y), return_counts=True)
    return dict.fromkeys(labels.tolist(), 2 * int(counts.max()))


@dataclass(frozen=True)
class _Entry:
    role: Role
    make: Callable[[Shape | None], Any] = lambda image_shape: None
    images_only: bool = False
    all_rows: bool = False
    default: bool = True
    weighted: bool = False
    tuned: bool = False
    corrected: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    evened: bool = False


def _affine(image_shape: Shape | None, **arguments: Any) -> Any:
    return DeformationOverSampler(deformation="affine", image_shape=image_shape, **arguments)


def _deformation(image_shape: Shape | None, **arguments: Any) -> Any:
    return DeformationOverSampler(image_shape=image_shape, **arguments)


def _gan(image_shape: Shape | None, **arguments: Any) -> Any:
    return GANOverSampler(image_shape="auto" if image_shape is None else image_shape, **arguments)


def _deep_smote(image_shape: Any) -> Any:
    return DeepSMOTE(image_shape=image_shape)


def _augmented(augmentation: Callable[..., Any]) -> Callable[[Shape | None], Any]:
    return lambda image_shape: _deformation(image_shape, deformation=augmentation)


def _trained(*, evened: bool = False, **options: Any) -> _Entry:
    """A rival that changes how a `ConvolutionalClassifier` is trained, and leaves the rows unchanged."""
    return _Entry("rival", images_only=True, default=False, evened=evened, options=options)


def _fresh(sampler: Any, **settings: Any) -> _Entry:
    """A sampler of ours that a `ConvolutionalClassifier` draws from while it trains. It leaves the rows unchanged."""
    options = {"augmentation": partial(BalancedBatches, sampler, **settings)}
    return _Entry("sampler", images_only=True, default=False, evened=True, options=options)


_BOTH: dict[str, Any] = {"sampling_strategy": both_classes}
_ONLINE = {"augmentation": "TrivialAugment"}
_FLIP_AND_CROP = {"augmentation": "flip and crop"}
_REGISTRY: dict[str, _Entry] = {
    "nothing": _Entry("baseline"),
    "tuned threshold": _Entry("rival", tuned=True),
    "class weights": _Entry("rival", weighted=True),
    "RandomOverSampler": _Entry("rival", lambda s: RandomOverSampler()),
    "SMOTE": _Entry("rival", lambda s: SMOTE()),
    "SMOTE corrected": _Entry("rival", lambda s: SMOTE(), default=False, corrected=True),
    "BorderlineSMOTE": _Entry("rival", lambda s: BorderlineSMOTE()),
    "ADASYN": _Entry("rival", lambda s: ADASYN()),
    "affine": _Entry("rival", _affine, images_only=True),
    "affine both classes": _Entry("rival", lambda s: _affine(s, **_BOTH), images_only=True),
    "TrivialAugment": _Entry("rival", _augmented(TrivialAugment()), images_only=True, default=False),
    "RandAugment": _Entry("rival", _augmented(RandAugment()), images_only=True, default=False),
    "cutout": _Entry("rival", _augmented(Cutout()), images_only=True, default=False),
    "mixup within class": _Entry("rival", _augmented(MixupWithinClass()), images_only=True, default=False),
    "DeepSMOTE, re-created": _Entry("rival", _deep_smote, images_only=True, default=False),
    "TrivialAugment online": _trained(augmentation="TrivialAugment"),
    "RandAugment online": _trained(augmentation="RandAugment"),
    "cutout online": _trained(augmentation="cutout"),
    "TrivialAugment online, balanced": _Entry(
        "rival", lambda s: RandomOverSampler(), images_only=True, default=False, options=_ONLINE
    ),
    "flip and crop online, balanced": _Entry(
        "rival", lambda s: RandomOverSampler(), images_only=True, default=False, options=_FLIP_AND_CROP
    ),
    "mixup": _trained(mixing="mixup"),
    "mixup-DRW": _trained(mixing="mixup", deferred_weights=True, evened=True),
    "Remix": _trained(mixing="remix"),
    "Remix-DRW": _trained(mixing="remix", deferred_weights=True, evened=True),
    "logit adjustment": _trained(loss="logit-adjusted", evened=True),
    "focal loss": _trained(loss="focal"),
    "LDAM-DRW": _trained(loss="LDAM", deferred_weights=True, evened=True),
    "DeformationOverSampler": _Entry("sampler", _deformation, images_only=True, default=False),
    "DeformationOverSampler both classes": _Entry(
        "sampler", lambda s: _deformation(s, **_BOTH), images_only=True, default=False
    ),
    "DeformationOverSampler online": _fresh(DeformationOverSampler()),
    "DeformationOverSampler online both classes": _fresh(DeformationOverSampler(), deform_others=True),
    "GANOverSampler": _Entry("sampler", _gan),
    "GANOverSampler corrected": _Entry("sampler", _gan, default=False, corrected=True),
    "GANOverSampler both classes": _Entry("sampler", lambda s: _gan(s, **_BOTH), default=False),
    "GANOverSampler online": _fresh(GANOverSampler()),
    "GANOverSampler online both classes": _fresh(GANOverSampler(), deform_others=True),
    "oracle": _Entry("oracle", all_rows=True),
    "oracle balanced": _Entry("oracle", lambda s: RandomOverSampler(), all_rows=True),
    "oracle affine": _Entry("oracle", _affine, images_only=True, all_rows=True),
    "oracle deformed": _Entry("oracle", _deformation, images_only=True, all_rows=True, default=False),
}
DEFAULT_METHODS = tuple(name for name, entry in _REGISTRY.items() if entry.default)
KNOWN_METHODS = tuple(_REGISTRY)
BASELINE, ORACLES = "nothing", ("oracle", "oracle balanced")
CURVE = "nothing @ "


def _known(name: str, n_kept: int, available: int, image_shape: Shape | None) -> Method | None:
    """The method of that name, or None if it does not apply to these data."""
    entry = _REGISTRY[name]
    if (entry.images_only and image_shape is None) or (entry.all_rows and n_kept == available):
        return None
    rows = available if entry.all_rows else n_kept
    ways = {way: getattr(entry, way) for way in ("weighted", "tuned", "corrected", "options", "evened")}
    return Method(name, entry.role, entry.make(image_shape), rows, **ways)


def tell_shape(sampler: Any, image_shape: Shape | None) -> Any:
    """Tell a sampler of ours that rows are flat images, unless its user already did."""
    parameters = sampler.get_params(deep=False) if hasattr(sampler, "get_params") else {}
    if image_shape is not None and parameters.get("image_shape") == "auto":
        return type(sampler)(**{**parameters, "image_shape": image_shape})
    return sampler


def _check_sampler(name: str, sampler: Any) -> None:
    if sampler is not None and not hasattr(sampler, "fit_resample"):
        raise TypeError(
            f"samplers[{name!r}] must be an imblearn sampler or pipeline of samplers (with "
            "fit_resample), or None; "
            f"got {type(sampler).__name__}."
        )


def _check_names(names: Iterable[str], samplers: Mapping[str, Any]) -> None:
    for name in names:
        if name not in _REGISTRY and name not in samplers:
            raise ValueError(f"methods has {name!r}, which is neither in samplers nor one of {list(KNOWN_METHODS)}.")


def choose_methods(
    samplers: Mapping[str, Any] | None,
    methods: str | Iterable[str],
    *,
    n_kept: int,
    available: int,
    image_shape: Shape | None,
) -> list[Method]:
    """List the methods in the order in which they are run and shown.

    Parameters
    ----------
    samplers : mapping of name to sampler, pipeline or None, or None
        Added to the known methods; one with a known name takes its place.
    methods : "default" or iterable of names
        "default" is DEFAULT_METHODS and all of `samplers`. "nothing" is always run, since all
        other methods are measured against it.
    n_kept, available : int
        Minority rows that methods may see, and that the training fold has.
    image_shape : tuple of int or None
    """
    if samplers is not None and not isinstance(samplers, Mapping):
        raise TypeError(
            "samplers must be a dict of name to sampler, such as {'mine': sampler}, but it is a "
            f"{type(samplers).__name__}: name each one."
        )
    own = dict(samplers or {})
    names = (*DEFAULT_METHODS, *own) if isinstance(methods, str) else (BASELINE, *methods)
    if isinstance(methods, str) and methods != "default":
        raise ValueError(f'methods must be "default" or a list of names; got {methods!r}.')
    _check_names(names, own)
    chosen = []
    for name in dict.fromkeys(names):
        if name in own:
            _check_sampler(name, own[name])
            chosen.append(Method(name, "sampler", tell_shape(own[name], image_shape), n_kept))
        elif known := _known(name, n_kept, available, image_shape):
            chosen.append(known)
    return chosen


def curve_methods(n_kept: int, available: int, sizes: Iterable[int] | None = None) -> list[Method]:
    """The points of the learning curve: nothing done, with more real minority rows."""
    points = curve_sizes(n_kept, available) if sizes is None else list(sizes)
    return [Method(f"{CURVE}{size}", "curve", None, size) for size in points if n_kept < size < available]
