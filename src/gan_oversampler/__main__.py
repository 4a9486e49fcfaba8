"""``python -m gan_oversampler``: the demonstration, and where to go from it."""

from __future__ import annotations

import argparse

import gan_oversampler


def main(arguments: list[str] | None = None) -> None:
    """Print the version, or the help that names the other commands."""
    parser = argparse.ArgumentParser(
        prog="gan-oversampler",
        description="New minority-class images and table rows from a GAN, for imbalanced-learn.",
        epilog="The honest comparison on MNIST or your own table: python -m gan_oversampler.comparison --help",
    )
    parser.add_argument("--version", action="version", version=f"gan-oversampler {gan_oversampler.__version__}")
    parser.parse_args(arguments)
    parser.print_help()


if __name__ == "__main__":
    main()
