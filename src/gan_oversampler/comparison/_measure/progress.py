"""The messages of a running comparison."""

from __future__ import annotations

from rich.console import Console

from gan_oversampler.comparison._measure.records import Row


class Progress:
    """Prints a line per record, counts before and after included, if `verbose`."""

    def __init__(self, verbose: int, n_draws: int) -> None:
        self._console = Console(quiet=not verbose, highlight=False, soft_wrap=True)
        self._n_draws = n_draws

    def _say(self, draw: int, method: str, text: str) -> None:
        self._console.print(f"draw {draw + 1}/{self._n_draws}  {method:<22} {text}", markup=False)

    def skip(self, draw: int, method: str) -> None:
        self._say(draw, method, "has its records already")

    def unsuitable(self, draw: int, method: str, wanted: str) -> None:
        self._say(draw, method, f"is left out: it needs {wanted}")

    def failed(self, draw: int, method: str, reason: str) -> None:
        self._say(draw, method, f"failed: {reason}")

    def measured(self, row: Row, n_before: int) -> None:
        self._say(
            row["draw"],
            row["method"],
            f"{n_before:,} -> {row['n_after']:,} rows, {row['n_minority']:,} -> "
            f"{row['n_minority_after']:,} positive, "
            f"{row['resample_seconds']:.1f} s; {row['classifier']} seed {row['classifier_seed']}: "
            "average precision "
            f"{row['average_precision']:.4f}, {row['fit_seconds']:.1f} s",
        )
