"""The command line: read a table, call the public API, print."""

import argparse
import math
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import skmi
from skmi._data.columns import MIN_SAMPLES_PER_LEVEL
from skmi._utils.messages import ParameterError, ParameterWarning, Setting, suggest
from skmi._utils.units import UNITS_PER_NAT, to_correlation
from skmi.criteria import CRITERIA
from skmi.estimators import CORRECTIONS, ESTIMATORS, Estimator, PlugIn

__all__ = ["main"]

# low_memory=False: otherwise the dtype of a long column may depend on where chunks end.
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": lambda path: pd.read_csv(path, low_memory=False),
    ".tsv": lambda path: pd.read_csv(path, sep="\t", low_memory=False),
    ".parquet": pd.read_parquet,
}
_DISCRETE_TARGET: dict[str, str | bool] = {
    "auto": "auto",
    "classification": True,
    "regression": False,
}
_TASKS = {value: task for task, value in _DISCRETE_TARGET.items()}
_FORMATS = ("table", "csv", "json")
_ALPHA = 0.05
# Let the table decide which estimator suits it.
_AUTO = "auto"
# The corrections of --estimator plugin by which identifiers have a high score.
_INFLATED = frozenset(CORRECTIONS) - {"chance"}
_MIN_ALPHA = 0.0001  # needs 10,000 permutations

# How messages name each parameter that has an option, given its value.
_OPTIONS: dict[str, Callable[[Any], str]] = {
    "discrete_target": lambda value: f"--task {_TASKS[value]}",
    "exchange": lambda value: f"--exchange {value}",
    "n_features_to_select": lambda value: f"-k {value}",
    "n_jobs": lambda value: f"--n-jobs {value}",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str or None, default=None
        Arguments; None uses those of the process.

    Returns
    -------
    int
        The exit status: 0, or 1 if the output was closed before all of it was written.

    Raises
    ------
    SystemExit
        If the input is bad: the status is 2, and a line on stderr says what to do.
    """
    parser = _make_parser()
    args = parser.parse_args(argv)
    with warnings.catch_warnings():
        warnings.showwarning = _print_warning
        try:
            output = args.run(args)
        except (OSError, TypeError, ValueError) as error:
            parser.error(_describe(error))
    try:
        print(output, flush=True)
    except BrokenPipeError:
        # Python flushes stdout again at exit, which would print another error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _rank(args: argparse.Namespace) -> str:
    X, y = _read_table(args.table, args.target)
    scorer = skmi.MIScorer(
        _make_estimator(args),
        discrete_target=_DISCRETE_TARGET[args.task],
        n_jobs=args.n_jobs,
    )
    nats = scorer(X, y)
    _warn_of_identifiers(X, scorer.discrete_features_, args)
    abs_r = _abs_pearson(X, y)
    ranking = pd.DataFrame(
        {
            "feature": X.columns,
            "kind": _kinds(scorer.discrete_features_),
            f"mi_{args.units}": _information(nats, args),
            "gaussian_r": to_correlation(nats),
            "abs_r": abs_r,
            "mi_rank": _ranks(np.maximum(nats, 0)),  # below 0 there is only noise
            "r_rank": _ranks(abs_r),
        }
    )
    ranking = ranking.iloc[np.argsort(-nats, kind="stable")].head(args.top)
    return _render(ranking, args, y, scorer.discrete_target_, _named(args))


def _select(args: argparse.Namespace) -> str:
    if args.alpha is not None and args.k != "auto":
        raise ValueError("--alpha needs -k auto; add -k auto, or leave out --alpha.")
    if (args.groups is not None or args.exchange != "rows") and args.k != "auto":
        raise ValueError(
            "--exchange and --groups need -k auto; add -k auto, or leave them out."
        )
    alpha = args.alpha or _ALPHA
    X, y = _read_table(args.table, args.target)
    groups = None if args.groups is None else _pop_groups(X, args)
    selector = skmi.MISelector(
        min(10, X.shape[1]) if args.k is None else args.k,
        criterion=args.criterion,
        estimator=_make_estimator(args),
        discrete_target=_DISCRETE_TARGET[args.task],
        alpha=alpha,
        exchange=args.exchange,
        n_permutations=max(199, math.ceil(1 / alpha)),
        random_state=0,
        n_jobs=args.n_jobs,
    ).fit(X, y, groups)
    _warn_of_identifiers(X, selector.discrete_features_, args)
    _warn_of_mixed_kinds(selector)
    path = selector.path_
    selection = pd.DataFrame(
        {
            "pick": np.arange(1, len(path) + 1),
            "feature": X.columns[path],
            "kind": _kinds(selector.discrete_features_[path]),
            f"score_{args.units}": selector.path_scores_ * UNITS_PER_NAT[args.units],
            f"mi_{args.units}": _information(selector.scores_[path], args),
        }
    )
    if selector.pvalues_ is not None:
        selection["p_value"] = selector.pvalues_
    how = f"{args.criterion}, {_named(args, selector.estimator_)}"
    return _render(selection, args, y, selector.discrete_target_, how)


def _information(
    nats: NDArray[np.float64], args: argparse.Namespace
) -> NDArray[np.float64]:
    """Convert estimates to the chosen unit; a printed table has 0 for negative ones."""
    minimum = 0 if args.format == "table" else -np.inf
    information: NDArray[np.float64] = (
        np.maximum(nats, minimum) * UNITS_PER_NAT[args.units]
    )
    return information


def _kinds(discrete: NDArray[np.bool_]) -> NDArray[np.str_]:
    return np.where(discrete, "discrete", "continuous")


def _ranks(scores: NDArray[np.float64]) -> pd.Series:
    """Rank scores from the largest; equal scores share a rank, and NaN has none."""
    return pd.Series(scores).rank(method="min", ascending=False).astype("Int64")


def _abs_pearson(X: pd.DataFrame, y: pd.Series) -> NDArray[np.float64]:
    """Compute Pearson's |r| of each feature with the target; NaN where undefined.

    Both columns must be numeric and not constant. Two classes count as numbers.
    """
    abs_r = np.full(X.shape[1], np.nan)
    codes, values = pd.factorize(y)
    numeric = pd.api.types.is_numeric_dtype(y)
    if len(values) < 2 or (len(values) > 2 and not numeric):
        return abs_r
    target = y.to_numpy(np.float64) if numeric else codes
    for i, (_, feature) in enumerate(X.items()):
        if pd.api.types.is_numeric_dtype(feature) and feature.nunique() > 1:
            abs_r[i] = abs(np.corrcoef(feature.to_numpy(np.float64), target)[0, 1])
    return abs_r


def _read_table(path: Path, target: str) -> tuple[pd.DataFrame, pd.Series]:
    """Read a table without missing values, and split it into features and target."""
    if not path.exists():
        folder = path.parent
        names = [file.name for file in folder.iterdir()] if folder.is_dir() else []
        raise ValueError(f"no file '{path}'{suggest(path.name, names)}")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"the suffix of '{path}' is not one of {', '.join(_READERS)}; convert the "
            "table to one of these formats."
        )
    try:
        table = reader(path)
    except ImportError:
        raise ValueError(
            "a parquet table needs pyarrow; install it: pip install pyarrow"
        ) from None
    except (OSError, EOFError, ValueError) as error:
        raise ValueError(f"cannot read '{path}': {error}") from None
    table.columns = table.columns.map(str)
    if target not in table.columns:
        raise ValueError(
            f"--target: no column {target!r} in '{path}'"
            f"{suggest(target, table.columns)}"
        )
    if table.shape[1] == 1:
        raise ValueError(
            f"'{path}' has no column except the target; add the columns of features."
        )
    n_missing = table.isna().sum()
    n_missing = n_missing[n_missing > 0]
    if len(n_missing):
        where = [f"{n} in {column!r}" for column, n in n_missing.items()]
        if len(where) > 6:
            where[5:] = [f"and in {len(where) - 5} more columns"]
        raise ValueError(
            f"'{path}' has missing values: {', '.join(where)}; impute them, or drop "
            "these rows or columns (empty cells, NA, None, NaN and null are missing)."
        )
    return table, table.pop(target)


def _pop_groups(X: pd.DataFrame, args: argparse.Namespace) -> pd.Series:
    """Take the column of groups out of the table."""
    if args.groups not in X:
        raise ValueError(
            f"--groups {args.groups!r} is no column of '{args.table}' beside the target"
            f"{suggest(args.groups, X.columns)}"
        )
    return X.pop(args.groups)


def _make_estimator(args: argparse.Namespace) -> str | Estimator:
    if args.correction is None:
        return str(args.estimator)
    name = "plugin" if args.estimator == _AUTO else args.estimator
    estimator = ESTIMATORS[name]()
    if not isinstance(estimator, PlugIn):
        raise ValueError(
            "--correction needs --estimator plugin; add it, or leave out --correction."
        )
    correction = None if args.correction == "none" else args.correction
    estimator.set_params(correction=correction)
    return estimator


def _named(args: argparse.Namespace, estimator: Estimator | None = None) -> str:
    name = args.estimator
    if name == _AUTO:
        name = next(n for n, made in ESTIMATORS.items() if type(estimator) is made)
    return " ".join(filter(None, (name, args.correction)))


def _warn_of_identifiers(
    X: pd.DataFrame, discrete: NDArray[np.bool_], args: argparse.Namespace
) -> None:
    names = [
        repr(name)
        for name, values in X.loc[:, discrete].items()
        if MIN_SAMPLES_PER_LEVEL * values.nunique() > len(X)
    ]
    if names and getattr(_make_estimator(args), "correction", "") in _INFLATED:
        warnings.warn(
            f"the levels of {', '.join(names)} have fewer than {MIN_SAMPLES_PER_LEVEL} "
            "samples on average, so chance probably inflates the estimates of these "
            "columns; drop them, convert dates to numbers, or subtract the information "
            "expected by chance, with --estimator plugin --correction chance.",
            stacklevel=2,
        )


def _warn_of_mixed_kinds(selector: skmi.MISelector) -> None:
    if not isinstance(selector.estimator_, PlugIn) or selector.estimator_.correction:
        return
    if len(set(selector.discrete_features_)) == 2:
        warnings.warn(
            "binned continuous columns usually have more levels than discrete columns, "
            "so bias favours them; subtract the information expected by chance, with "
            "--correction chance.",
            stacklevel=2,
        )


def _render(
    table: pd.DataFrame,
    args: argparse.Namespace,
    y: pd.Series,
    discrete_target: bool,
    how: str,
) -> str:
    if args.format == "csv":
        return table.to_csv(index=False).rstrip("\n")
    if args.format == "json":
        return table.to_json(orient="records", indent=2, double_precision=15)
    columns = [_align(name, values) for name, values in table.items()]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    if table.empty:
        lines = ["no feature is significant"]
    n_classes = y.nunique()
    plural = "es" * (n_classes != 1)
    kind = f"discrete, {n_classes} class{plural}" if discrete_target else "continuous"
    lines += ["", f"{len(y)} samples; target {y.name!r}: {kind}; by {how}"]
    return "\n".join(lines)


def _align(name: Any, values: pd.Series) -> list[str]:
    """Return cells of equal width: text aligned left, numbers right."""
    form = "z.3f" if pd.api.types.is_float_dtype(values) else ""
    form = ".2g" if name == "p_value" else form
    cells = [name, *("" if pd.isna(value) else f"{value:{form}}" for value in values)]
    width = max(map(len, cells))
    justify = str.rjust if pd.api.types.is_numeric_dtype(values) else str.ljust
    return [justify(cell, width) for cell in cells]


def _print_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"skmi: warning: {_one_line(_describe(message))}", file=sys.stderr)


def _describe(message: Exception | str) -> str:
    """Return the text of a message, with options in place of parameters."""
    if not isinstance(message, ParameterError | ParameterWarning):
        return str(message)
    return "".join(
        _name_option(piece) if isinstance(piece, Setting) else str(piece)
        for piece in message.args
    )


def _name_option(setting: Setting) -> str:
    option = _OPTIONS.get(setting.parameter, lambda value: str(setting))
    return option(setting.value)


def _one_line(message: str) -> str:
    return " ".join(message.split())


class _Parser(argparse.ArgumentParser):
    """A parser that prints errors on one line."""

    def error(self, message: str) -> NoReturn:
        """Print the message and exit with status 2."""
        self.exit(2, f"{self.prog}: error: {_one_line(message)}\n")


def _make_parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False)
    shared.add_argument(
        "table", metavar="TABLE", type=Path, help=f"a file: {', '.join(_READERS)}"
    )
    shared.add_argument(
        "--target", metavar="COLUMN", required=True, help="target column"
    )
    shared.add_argument(
        "--task",
        choices=_DISCRETE_TARGET,
        default="auto",
        help="whether the target is discrete or continuous (default: %(default)s: "
        "discrete if it is not numeric, or contains whole numbers with few distinct "
        "values)",
    )
    shared.add_argument(
        "--units",
        choices=UNITS_PER_NAT,
        default="bits",
        help="unit of information (default: %(default)s)",
    )
    shared.add_argument(
        "--format",
        choices=_FORMATS,
        default="table",
        help="output format (default: %(default)s)",
    )
    shared.add_argument(
        "--n-jobs",
        metavar="N",
        type=int,
        help="number of threads; -1 uses all cores (default: 1)",
    )

    parser = _Parser(prog="skmi", description=skmi.__doc__)
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {skmi.__version__}"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    rank = commands.add_parser(
        "rank",
        parents=[shared],
        help="rank the features by their mutual information with the target",
        description="Rank the features by their mutual information with the target, "
        "and show Pearson's |r|. gaussian_r is the |r| of two normal variables with "
        "the same information: if it is well above |r|, the relation is probably not "
        "linear.",
    )
    rank.set_defaults(run=_rank)
    _add_choice(rank, "--estimator", ESTIMATORS, "ksg")
    rank.add_argument(
        "--top", metavar="N", type=_positive_int, help="print only the N best features"
    )
    select = commands.add_parser(
        "select",
        parents=[shared],
        help="select features that are informative and not redundant",
        description="Select features one by one: each pick has the highest criterion, "
        "given the features picked before. Print them in the order picked.",
    )
    select.set_defaults(run=_select)
    select.add_argument(
        "-k",
        metavar="N",
        type=_number_to_select,
        help="number of features, or auto: stop before the first pick that is not "
        "significant (default: 10)",
    )
    select.add_argument(
        "--alpha",
        type=_alpha,
        help=f"significance level of the test of -k auto (default: {_ALPHA})",
    )
    select.add_argument(
        "--exchange",
        metavar="WHAT",
        type=_exchange,
        default="rows",
        help="what -k auto exchanges, if rows depend on each other: groups, "
        "within_groups, or a number of consecutive rows (default: rows)",
    )
    select.add_argument(
        "--groups",
        metavar="COLUMN",
        help="column with the group of each row, for --exchange; it is no feature",
    )
    _add_choice(select, "--criterion", CRITERIA, "cmim")
    _add_choice(select, "--estimator", [_AUTO, *ESTIMATORS], _AUTO)
    for command in (rank, select):
        command.add_argument(
            "--correction",
            choices=sorted(name or "none" for name in CORRECTIONS),
            help="bias correction of --estimator plugin (default: chance)",
        )
    return parser


def _add_choice(
    parser: argparse.ArgumentParser, option: str, choices: Iterable[str], default: str
) -> None:
    parser.add_argument(
        option,
        choices=sorted(choices),
        default=default,
        help=f"{option.removeprefix('--')} (default: %(default)s)",
    )


def _positive_int(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _number_to_select(text: str) -> int | str:
    return text if text == "auto" else _positive_int(text)


def _exchange(text: str) -> str | int:
    if text in ("rows", "groups", "within_groups"):
        return text
    number = int(text)
    if number < 2:
        raise ValueError
    return number


def _alpha(text: str) -> float:
    alpha = float(text)
    if not _MIN_ALPHA <= alpha < 1:
        raise ValueError
    return alpha


# for the messages of argparse, such as "invalid positive int value: '0'"
_positive_int.__name__ = "positive int"
_number_to_select.__name__ = "positive int or auto"
_exchange.__name__ = "rows, groups, within_groups or number of at least 2"
_alpha.__name__ = f"number from {_MIN_ALPHA} to 1"
