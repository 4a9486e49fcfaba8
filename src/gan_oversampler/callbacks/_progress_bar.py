"""The progress bar of a fit, in a terminal and in a notebook: a bar per class, and strips of drawn images."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_oversampler.callbacks import Callback, FitEvent, TrainingEvent

_N_STRIPS = 10
_N_IMAGES = 8
_MAX_SIDE = 28
_SHADES = " ░▒▓█"
_LONGEST_LABEL = 10  # bar and figures need the rest of a terminal of 80 columns


def title(event: TrainingEvent) -> str:
    """The class, its number of rows and their kind."""
    label = repr(event.label.item() if isinstance(event.label, np.generic) else event.label)
    label = label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
    height, width, channels = event.real.shape[1:] if event.is_image else (0, 0, 0)
    size = f"{height}x{width}" + (f"x{channels}" if channels > 1 else "")
    again = ", again" if event.attempt else ""
    return f"class {label}: {len(event.real)} {f'{size} images' if event.is_image else 'table rows'}{again}"


def _side_by_side(images: np.ndarray) -> np.ndarray:
    """One strip of shape (h, w, 3) in 0 to 255, of an even height and at most 28 rows, with a gap behind each image."""
    stride = -(-max(images.shape[1:3]) // _MAX_SIDE)
    images = np.pad(images[:, ::stride, ::stride], ((0, 0), (0, 0), (0, 1), (0, 0)), constant_values=-1)
    pixels = np.rint((np.concatenate(images, axis=1) + 1) * 127.5).astype(int)
    pixels = np.repeat(pixels[..., :1], 3, axis=2) if pixels.shape[2] < 3 else pixels[..., :3]
    return np.pad(pixels, ((0, len(pixels) % 2), (0, 0), (0, 0)))


def _character(above: np.ndarray, below: np.ndarray, in_colour: bool) -> tuple[str, str]:
    if in_colour:
        (r, g, b), (r2, g2, b2) = above, below
        return "▀", f"rgb({r},{g},{b}) on rgb({r2},{g2},{b2})"
    return _SHADES[int((above.mean() + below.mean()) / 511 * len(_SHADES))], ""


def image_strip(images: np.ndarray, in_colour: bool) -> Any:
    """Images side by side as text, two pixels per character, for rich to print.

    Parameters
    ----------
    images : ndarray of shape (n, H, W, C) in [-1, 1]
    in_colour : bool
        Whether the output shows colours; otherwise shades.
    """
    from rich.text import Text

    pixels, text = _side_by_side(images), Text()
    for above, below in zip(pixels[::2], pixels[1::2], strict=True):
        for pair in zip(above, below, strict=True):
            text.append(*_character(*pair, in_colour))
        text.append("\n")
    return text


class ProgressBar(Callback):
    """A bar per training, with both losses, the discriminator's accuracy in brackets and the time left.

    Parameters
    ----------
    verbose : int
        0 shows nothing, 1 a bar, and 2 or more also drawn images, ten times per training.
    """

    def __init__(self, verbose: int) -> None:
        self.verbose = verbose
        self._bar: Any = None

    def on_class_begin(self, event: TrainingEvent) -> None:
        self._stop()
        if not self.verbose:
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.table import Column

        self._bar = Progress(
            TextColumn("{task.description}"),
            # In a narrow terminal the bar gives way, and nothing else.
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=4, max_width=40)),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[losses]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=Column(no_wrap=True)),
        )
        self._task = self._bar.add_task(title(event), total=event.max_iter, completed=event.step, losses="")
        self._bar.start()

    def on_step_end(self, event: TrainingEvent) -> None:
        if self._bar is None:
            return
        now = event.metrics
        losses = f"G {now['generator_loss']:.2f} D {now['discriminator_loss']:.2f}"
        losses += f" ({now['discriminator_accuracy']:.0%})"
        self._bar.update(self._task, completed=event.step, losses=losses)
        is_due = event.step % max(1, event.max_iter // _N_STRIPS) == 0
        if self.verbose > 1 and event.is_image and is_due:
            console = self._bar.console
            strip = image_strip(event.draw(_N_IMAGES), console.color_system is not None)
            console.print(f"step {event.step}", strip, sep="\n")

    def needs_step(self, step: int, max_iter: int) -> bool:
        return False

    def on_class_end(self, event: TrainingEvent) -> None:
        self._stop()

    def on_fit_end(self, event: FitEvent) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None
