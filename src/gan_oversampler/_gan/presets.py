"""Named sets of networks and training settings; the defaults of GANOverSampler come from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Preset:
    """Builders (names in `_gan.networks`) and the settings they were measured with.

    Attributes
    ----------
    generator, discriminator : str
    latent_dim, batch_size, max_iter : int
    latent : {"normal", "uniform"}
    optimizer : {"adam", "rmsprop"}
    learning_rates : (float, float)
        Of the generator and the discriminator.
    averaging : float
        Decay of the averaged generator weights, after a warm-up.
    deformation : "auto" or None
        What `deformation="auto"` means for a sampler: chosen by the images, or none.
    deformed_share : float in [0, 1]
        Share of the new rows that are made of real ones.
    deformed_share_of_photographs : float or None
        The same where images do not deform into one another; None: `deformed_share`.
    max_iter_alone : int or None
        Steps where all new rows are the network's, if it then needs more than `max_iter`.
    """

    generator: str
    discriminator: str
    latent_dim: int
    batch_size: int
    max_iter: int
    latent: Literal["normal", "uniform"]
    optimizer: Literal["adam", "rmsprop"]
    learning_rates: tuple[float, float]
    averaging: float
    deformation: Literal["auto"] | None
    deformed_share: float = 0.75
    deformed_share_of_photographs: float | None = None
    max_iter_alone: int | None = None

    def deformation_for(self, setting: Any) -> Any:
        """What a `deformation` parameter means with this preset."""
        return self.deformation if setting == "auto" else setting

    def share(self, is_like_photographs: bool) -> float:
        """Share of the new rows that are made of real ones, by what the images are like."""
        of_photographs = self.deformed_share_of_photographs
        return of_photographs if is_like_photographs and of_photographs is not None else self.deformed_share

    def steps(self, deformed_share: float) -> int:
        """Training steps beside this share of rows that are made of real ones."""
        return self.max_iter if deformed_share else self.max_iter_alone or self.max_iter


DCGAN = Preset(
    "dcgan_generator",
    "dcgan_discriminator",
    64,
    64,
    1400,
    "normal",
    "adam",
    (1e-3, 1e-3),
    0.99,
    "auto",
    deformed_share_of_photographs=0.95,  # more generated ones cost: see benchmarks/network_trials.md
    max_iter_alone=2800,
)
DENSE = Preset(
    "dense_generator",
    "dense_discriminator",
    32,
    64,
    3000,
    "normal",
    "adam",
    (5e-4, 5e-4),
    0.995,
    "auto",
)
# The settings of the notebook that began this project, without deformation, averaging or dropout.
NOTEBOOK = Preset(
    "notebook_generator",
    "notebook_discriminator",
    100,
    64,
    3000,
    "uniform",
    "rmsprop",
    (1e-4, 2e-4),
    0.0,
    None,
    deformed_share=0.0,
)


def choose(name: str, is_image: bool) -> Preset:
    """The preset that a `preset` parameter means for these rows.

    Raises
    ------
    ValueError
        If the preset was not made for such rows.
    """
    if name == "auto":
        return DCGAN if is_image else DENSE
    if not is_image:
        raise ValueError(
            f"preset={name!r} needs images, but X was taken for a table: give image_shape, or leave preset at 'auto'."
        )
    return NOTEBOOK
