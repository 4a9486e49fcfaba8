"""Stop a training that no longer comes nearer to the real rows."""

from __future__ import annotations

from gan_oversampler._trained import diagnosis
from gan_oversampler.callbacks._hooks import Callback, TrainingEvent

_N_DRAWN = 256


class EarlyStopping(Callback):
    """End the training of a class when drawn rows no longer come nearer to the real rows.

    Parameters
    ----------
    every : int, default=100
        Steps between two looks.
    patience : int, default=5
        Looks without improvement after which training ends.
    min_improvement : float, default=0.02
        Share of the best distance by which a distance must fall below it to count.
    min_steps : int, default=500
        Steps that are taken in any case.

    Attributes
    ----------
    distances_ : list of float
        Energy distance of each look at the class last trained. It is 0 on average for equal distributions, so that
        a look may find a little less than 0.

    Notes
    -----
    A look compares 256 drawn rows with up to 1,000 real ones by their energy distance [1]_, which takes
    milliseconds. It finds a plateau. It does not measure whether the rows will help a classifier.

    References
    ----------
    .. [1] Székely, G. J., & Rizzo, M. L. (2013). Energy statistics. Journal of Statistical Planning and Inference,
       143(8). doi:10.1016/j.jspi.2013.03.018

    Examples
    --------
    >>> from gan_oversampler import GANOverSampler
    >>> from gan_oversampler.callbacks import EarlyStopping
    >>> sampler = GANOverSampler(callbacks=[EarlyStopping(patience=3)])
    """

    runs_in_workers = True

    def __init__(
        self, every: int = 100, patience: int = 5, min_improvement: float = 0.02, min_steps: int = 500
    ) -> None:
        self.every = every
        self.patience = patience
        self.min_improvement = min_improvement
        self.min_steps = min_steps
        self.distances_: list[float] = []

    def on_class_begin(self, event: TrainingEvent) -> None:
        self.distances_ = []

    def on_step_end(self, event: TrainingEvent) -> bool:
        if event.step % self.every:
            return False
        self.distances_.append(diagnosis.energy_distance(event.draw(_N_DRAWN), event.real))
        return event.step >= self.min_steps and self._looks_without_improvement() >= self.patience

    def needs_step(self, step: int, max_iter: int) -> bool:
        return step % self.every == 0

    def _looks_without_improvement(self) -> int:
        best, best_look = self.distances_[0], 0
        for look, distance in enumerate(self.distances_):
            if distance < best - self.min_improvement * abs(best):  # the best may lie below 0
                best, best_look = distance, look
        return len(self.distances_) - 1 - best_look

    def get_state(self) -> list[float]:
        return list(self.distances_)

    def set_state(self, state: list[float]) -> None:
        self.distances_ = list(state)
