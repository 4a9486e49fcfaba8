"""How training went, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import median_filter
from sklearn.utils.validation import check_is_fitted

from gan_oversampler.inspection._arguments import learned
from gan_oversampler.inspection._display import GENERATED, MUTED, REAL, PanelsDisplay, new_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.floating[Any]]
_FEW_STEPS = 50


def _limits(values: list[Floats]) -> tuple[float, float]:
    """Range to draw: all but the outermost half per cent, since one spike would flatten all else."""
    together = np.concatenate(values)
    together = together[np.isfinite(together)]
    low, high = np.quantile(together, [0.005, 0.995]) if len(together) else (0.0, 1.0)
    return min(0.0, float(low)), float(high) + 0.15 * float(high - min(0.0, low)) + 1e-6


@dataclass
class HistoryDisplay(PanelsDisplay):
    """Losses, discriminator accuracy and quality over the training steps of a class.

    Parameters
    ----------
    history : dict of ndarray
        One value per step, as in ``GANOverSampler.history_[label]``.
    title : str

    Attributes
    ----------
    axes_ : ndarray of shape (2, 1) or (3, 1) of matplotlib Axes, after `plot`
        Losses, accuracy, and, where the history has it, the energy distance of samples to real rows.
    figure_ : matplotlib Figure, after `plot`

    Notes
    -----
    GAN losses do not fall as those of a classifier do: in a good run they hover. Look for an accuracy that stays away
    from 1 and from a constant 0.5. At 1 the discriminator has won and teaches nothing more; at a constant 0.5 it has
    learned nothing. The energy distance falls while samples come nearer to the real rows. Around 0, the dotted line,
    they are as near as other real rows would be.
    """

    history: Mapping[str, ArrayLike]
    title: str = ""

    @classmethod
    def from_estimator(cls, sampler: Any, label: Any = None) -> HistoryDisplay:
        """History of a fitted GANOverSampler.

        Parameters
        ----------
        sampler : GANOverSampler
        label : label, optional
            Needed if it learned several classes.
        """
        check_is_fitted(sampler, "history_")
        trained = {key: history for key, history in sampler.history_.items() if history}
        label, history = learned(trained, label, "training history")
        return cls.from_history(history, title=f"class {label}")

    @classmethod
    def from_history(cls, history: Mapping[str, ArrayLike], *, title: str = "") -> HistoryDisplay:
        """History as a dict of arrays, one value per step, or as a pandas DataFrame.

        Raises
        ------
        ValueError
            If one of the drawn columns is missing or empty.
        """
        wanted = ("generator_loss", "discriminator_loss", "discriminator_accuracy")
        missing = [name for name in wanted if name not in history or not len(np.asarray(history[name]))]
        if missing:
            raise ValueError(f"A history of the columns {wanted} is expected, but {missing} are missing or empty.")
        return cls({name: np.asarray(history[name]) for name in history}, title)

    @property
    def restarts(self) -> NDArray[np.int_]:
        """Indices into the arrays of `history` at which training began anew after a failed try."""
        steps = np.asarray(self.history.get("step", np.arange(len(self._values("generator_loss")))))
        return np.flatnonzero(np.diff(steps) <= 0) + 1

    def _values(self, name: str) -> Floats:
        return np.asarray(self.history[name], np.float64)

    def _line(self, ax: Axes, name: str, color: str, label: str) -> None:
        values = self._values(name)
        steps = np.arange(1, len(values) + 1)
        if len(values) >= _FEW_STEPS:
            ax.plot(steps, values, color=color, lw=0.5, alpha=0.25)
        window = max(1, len(values) // _FEW_STEPS)
        ax.plot(steps, median_filter(values, window, mode="nearest"), color=color, lw=1.8, label=label)

    def _draw_losses(self, ax: Axes) -> None:
        names = "generator_loss", "discriminator_loss"
        for name, color in zip(names, (GENERATED, REAL), strict=True):
            self._line(ax, name, color, name.removesuffix("_loss"))
        ax.set(ylim=_limits([self._values(name) for name in names]), ylabel="loss", title=self.title)
        ax.legend(loc="upper right", frameon=False, ncols=2)

    def _draw_accuracy(self, ax: Axes) -> None:
        self._line(ax, "discriminator_accuracy", REAL, "discriminator")
        ax.axhline(0.5, color=MUTED, lw=0.8, ls=":")
        ax.set(ylim=(0, 1.05), ylabel="discriminator\naccuracy")

    def _looks(self) -> NDArray[np.int_]:
        """Indices at which the distance to the real rows was measured."""
        if "energy_distance" not in self.history:
            return np.empty(0, int)
        return np.flatnonzero(np.isfinite(self._values("energy_distance")))

    def _draw_distance(self, ax: Axes) -> None:
        looks = self._looks()
        ax.plot(looks + 1, self._values("energy_distance")[looks], ".-", color=GENERATED, lw=1.2)
        ax.axhline(0, color=MUTED, lw=0.8, ls=":")
        ax.set_yscale("symlog", linthresh=0.01)  # it falls by orders of magnitude, and may end below 0
        ax.set(ylabel="energy distance\nto real rows")

    def plot(self, ax: Axes | None = None) -> HistoryDisplay:
        """Draw losses above accuracy and distance.

        Each step is pale, the running median strong; a new try begins at a dashed line.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Divided into two or three; a new figure by default.
        """
        n_panels = 3 if len(self._looks()) else 2
        axes = new_panels(ax, (n_panels, 1), 7, 2.3 * n_panels)
        losses, accuracy, *distance = axes[:, 0]
        self._draw_losses(losses)
        self._draw_accuracy(accuracy)
        for panel in distance:
            self._draw_distance(panel)
        for panel in axes[:-1, 0]:
            panel.sharex(axes[-1, 0])
            panel.tick_params(labelbottom=False)
        axes[-1, 0].set(xlabel="training step")
        for panel in axes.flat:
            panel.spines[["top", "right"]].set_visible(False)
            for place in self.restarts:
                panel.axvline(place + 0.5, color="k", lw=0.8, ls="--")
        return self._drawn_on(axes)
