"""``python -m gan_oversampler``: the version, and where to go from here."""

from __future__ import annotations

import argparse

import gan_oversampler

_EPILOG = """\
other commands:
  python -m gan_oversampler.comparison table FILE.csv   which sampler is worth using on a table of yours
  python -m gan_oversampler.comparison mnist            the experiment on MNIST, one digit made rare
  python -m gan_oversampler.comparison report FILE.csv  the report of records that are there already

in Python:
  from gan_oversampler import GANOverSampler
  X_res, y_res = GANOverSampler(random_state=0).fit_resample(X, y)  # images or a table
"""


def main(arguments: list[str] | None = None) -> None:
    """Print the version, or the help that names the other commands."""
    parser = argparse.ArgumentParser(
        prog="gan-oversampler",
        description="New minority-class images and table rows from a GAN, for imbalanced-learn.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gan-oversampler {gan_oversampler.__version__}")
    parser.parse_args(arguments)
    parser.print_help()


if __name__ == "__main__":
    main()
