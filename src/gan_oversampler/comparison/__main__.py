"""``python -m gan_oversampler.comparison``: the MNIST experiment, a table of your own, or a report of
records."""

from __future__ import annotations

import argparse
from pathlib import Path

from gan_oversampler.comparison._compare import compare_samplers
from gan_oversampler.comparison._measure.methods import KNOWN_METHODS
from gan_oversampler.comparison._mnist.experiment import CLASSIFIERS, DEFAULT_CLASSIFIERS, run_mnist, write_outputs
from gan_oversampler.comparison._mnist.label_check import recorded_check
from gan_oversampler.comparison._outcome.comparison import Comparison
from gan_oversampler.comparison._outcome.pooled import PooledComparison
from gan_oversampler.comparison._outcome.pooled_scores import DATA_SETS
from gan_oversampler.datasets import MNIST_VARIABLE, load_table


def _number_or_share(text: str) -> float:
    """315 is a number of rows, .05 a share."""
    return float(text) if "." in text else int(text)


def _name_or_number(text: str) -> str | int:
    """-1 is the last column, "class" one of that name."""
    return int(text) if text.removeprefix("-").isdecimal() else text


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", type=Path, help="write the report to this Markdown file")
    parser.add_argument("--plots", type=Path, help="write plots and grids of images to this directory")


def _add_protocol(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--classifier-seeds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="root of all seeds (default: 0)")
    parser.add_argument("--records", type=Path, help="CSV file of records: appended to, and resumed from")
    names = "; ".join(KNOWN_METHODS)
    parser.add_argument("--methods", "--samplers", nargs="+", metavar="NAME", help=f"of: {names} (default: most)")
    parser.add_argument(
        "--threshold-size",
        type=float,
        default=0.25,
        help="share of training rows to choose thresholds on; 0: none, half the time (default: 0.25)",
    )
    _add_outputs(parser)


def _add_mnist(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("mnist", help="one digit of MNIST made rare, against the rest")
    parser.add_argument("--digit", default="5", choices=[*map(str, range(10)), "all"])
    parser.add_argument("--n-minority", type=_number_or_share, default=315, help="number or share kept (default: 315)")
    parser.add_argument("--data", type=Path, help=f"mnist.npz (default: ${MNIST_VARIABLE}, else a download, cached)")
    parser.add_argument("--rows", type=int, help="use only so many random images: a quick try")
    parser.add_argument("--classifiers", nargs="+", choices=list(CLASSIFIERS), default=list(DEFAULT_CLASSIFIERS))
    parser.add_argument("--no-label-check", dest="label_check", action="store_false")
    _add_protocol(parser)
    parser.set_defaults(run=run_mnist)


def _run_table(options: argparse.Namespace) -> None:
    X, y = load_table(options.file, target=options.target)
    comparison = compare_samplers(
        X,
        y,
        minority=options.minority,
        n_minority=options.n_minority,
        methods=options.methods or "default",
        n_draws=options.draws,
        n_classifier_seeds=options.classifier_seeds,
        threshold_size=options.threshold_size or None,
        records=options.records,
        random_state=options.seed,
        verbose=1,
    )
    comparison.report()
    write_outputs(comparison, options.report, options.plots)


def _add_table(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("table", help="a CSV file")
    parser.add_argument("file", type=Path)
    parser.add_argument("--target", type=_name_or_number, help="class column, a name or number (default: the last)")
    parser.add_argument("--minority", help="label of the positive class (default: the rarest)")
    parser.add_argument("--n-minority", type=_number_or_share, help="number or share kept (default: all)")
    _add_protocol(parser)
    parser.set_defaults(run=_run_table)


def _report_pooled(options: argparse.Namespace) -> None:
    if options.plots is not None:
        raise ValueError("--plots draws the plots of one file, but several were given: run it once a file.")
    pooled = PooledComparison.from_csv(options.files, options.unit)
    pooled.report(options.method)
    if options.report is not None:
        options.report.write_text(pooled.to_markdown(options.method), encoding="utf-8")


def _run_report(options: argparse.Namespace) -> None:
    if len(options.files) > 1:
        _report_pooled(options)
        return
    comparison = Comparison.from_csv(options.files[0])
    comparison.report(options.method)
    checks = recorded_check(options.files[0])
    write_outputs(comparison, options.report, options.plots, more="\n" + checks if checks else "")


def _add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("report", help="the report of records that are there already")
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="several: one report over data sets")
    parser.add_argument("--method", help="the method that is held against its rivals")
    parser.add_argument(
        "--unit",
        default=DATA_SETS,
        help='what several files are (default: "data sets"), for example "digits of one data set"',
    )
    _add_outputs(parser)
    parser.set_defaults(run=_run_report)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m gan_oversampler.comparison",
        description="Samplers, class weights, a moved threshold and nothing, judged on real held-out rows.",
    )
    commands = parser.add_subparsers(required=True)
    for add in (_add_mnist, _add_table, _add_report):
        add(commands)
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Run the command; an error that a user can correct is one sentence."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except (ValueError, OSError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error


if __name__ == "__main__":
    main()
