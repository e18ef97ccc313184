"""Compare estimates of skmi and other packages with closed forms; write ACCURACY.md.

All packages estimate from the same samples. `python benchmarks/accuracy.py --quick`
uses few samples and seeds, and `--ours` omits the other packages. Neither option writes
ACCURACY.md.
"""

import argparse
import os
import platform
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from distributions import (
    CONTINUOUS,
    MIXED,
    VECTORS,
    Distribution,
    binary_entropy,
    bivariate_normal,
)
from joblib import Parallel, delayed
from scipy.integrate import quad
from scipy.special import ndtr
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

import skmi
from skmi.estimators import ESTIMATORS, get_estimator

# --- columns that are partly a few values, and flags, all given as numbers


def floored_normal(r, floor):
    """A normal pair whose y is not below the floor, as of an instrument."""
    normal, noise = bivariate_normal(r), np.sqrt(1 - r * r)

    def sample(rng, n):
        x, y = normal.sample(rng, n)
        return x, np.maximum(y, floor)

    def density(z):
        return np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    def log_above(low, scale):
        """Integrate p log p of a normal density of this scale, from low times it."""
        above = ndtr(-low)
        logarithm = -np.log(2 * np.pi * scale**2) / 2
        return logarithm * above - (low * density(low) + above) / 2

    def given(x):
        low = (floor - r * x) / noise
        return ndtr(low) * np.log(ndtr(low)) + log_above(low, noise)

    mean = quad(lambda x: density(x) * given(x), -8, 8)[0]
    alone = ndtr(floor) * np.log(ndtr(floor)) + log_above(floor, 1)
    return Distribution(sample, mean - alone)


def inflated_normal(r, p):
    """A normal pair whose y is 0 with probability p, whatever x is."""
    normal = bivariate_normal(r)

    def sample(rng, n):
        x, y = normal.sample(rng, n)
        return x, np.where(rng.random(n) < p, 0.0, y)

    return Distribution(sample, (1 - p) * normal.information)


def gated_normal(r):
    """Two columns that are both 0 or both a normal pair, by a fair coin."""
    normal = bivariate_normal(r)

    def sample(rng, n):
        kept = rng.random(n) < 0.5
        return tuple(np.where(kept, column, 0.0) for column in normal.sample(rng, n))

    return Distribution(sample, binary_entropy(0.5) + normal.information / 2)


def as_numbers(distribution):
    """The same variables, both given as numbers."""

    def sample(rng, n):
        return tuple(column * 1.0 for column in distribution.sample(rng, n))

    return Distribution(sample, distribution.information)


ATOMS = {
    "normal .8, floor -.5": floored_normal(0.8, -0.5),
    "normal .8, floor 0": floored_normal(0.8, 0),
    "normal .8, floor 1": floored_normal(0.8, 1),
    "normal .8, zeros .3": inflated_normal(0.8, 0.3),
    "normal .8, zeros .7": inflated_normal(0.8, 0.7),
    "normal .8, zeros of both": gated_normal(0.8),
    "counts as numbers": as_numbers(MIXED["exponential and poisson"]),
    "counts as numbers .5": as_numbers(MIXED["exponential and poisson .5"]),
    "flag as number .5": as_numbers(MIXED["sign and normal .5"]),
    "flag as number 2": as_numbers(MIXED["sign and normal 2"]),
    "flags as numbers .1": as_numbers(MIXED["binary channel .1"]),
    "flags as numbers .25": as_numbers(MIXED["binary channel .25"]),
}

NONE = "-"
RESULTS = Path(__file__).with_name("ACCURACY.md")
DISCRETE = {
    name: case for name, case in MIXED.items() if case.discrete_x and case.discrete_y
}
GROUPS = {
    "Continuous": CONTINUOUS,
    "Mixed": {name: MIXED[name] for name in MIXED if name not in DISCRETE},
    "Discrete": DISCRETE,
    "Atoms": ATOMS,
    "Vectors": VECTORS,
}
CASES = {name: case for group in GROUPS.values() for name, case in group.items()}


# --- estimators and packages


@dataclass(frozen=True)
class Contender:
    """Estimate with `call(x, y, discrete_x, discrete_y)`, in nats."""

    call: Callable
    n_discrete: tuple[int, ...] = (0, 1, 2)  # supported numbers of discrete variables
    max_samples: float = np.inf
    vectors: bool = False


def estimate(estimator, x, y, discrete_x, discrete_y):
    types = {"discrete_x": discrete_x, "discrete_y": discrete_y}
    return skmi.mutual_info(x, y, estimator=estimator, **types)


def estimate_by_scikit_learn(x, y, discrete_x, discrete_y):
    score = mutual_info_classif if discrete_y else mutual_info_regression
    return score(x[:, None], y, discrete_features=discrete_x, random_state=0)[0]


def estimate_by_ennemi(x, y, discrete_x, discrete_y):
    from ennemi import estimate_mi

    types = {"discrete_x": discrete_x, "discrete_y": discrete_y}
    return estimate_mi(y, x, **types, max_threads=1).item()


def estimate_by_infomeasure(x, y, discrete_x, discrete_y, **options):
    from infomeasure import mutual_information

    if options["approach"] == "kernel":
        n, d = np.column_stack((x, y)).shape
        options["bandwidth"] = n ** (-1 / (d + 4))
    return mutual_information(x, y, base="e", **options)


def infomeasure(n_discrete: int, approach: str, **options) -> Contender:
    call = partial(estimate_by_infomeasure, approach=approach, **options)
    slow = approach == "kernel"
    return Contender(
        call, (n_discrete,), 1000 if slow else np.inf, vectors=n_discrete == 0
    )


PEERS = {
    "scikit-learn": Contender(estimate_by_scikit_learn),
    "ennemi": Contender(estimate_by_ennemi),
    "infomeasure metric": infomeasure(0, "metric", seed=0),
    "infomeasure kernel": infomeasure(0, "kernel", kernel="gaussian"),
    "infomeasure discrete": infomeasure(2, "discrete"),
    "infomeasure miller_madow": infomeasure(2, "miller_madow"),
}
ABOUT_PEERS = """
* scikit-learn: `mutual_info_classif` if y is discrete, else `mutual_info_regression`,
  with `discrete_features` as the case requires, `n_neighbors=3` and `random_state=0`.
  It returns 0 instead of a negative estimate, which reduces the error if the true value
  is near 0.
* ennemi: `estimate_mi(y, x, k=3)`, with `discrete_x` and `discrete_y` as the case
  requires.
* infomeasure, for continuous pairs: metric is the first estimator of Kraskov, with
  `k=4`, noise of 1e-10, untransformed values and `seed=0`. kernel is
  `kernel="gaussian"`. It has no default bandwidth, so the benchmark passes Scott's
  factor, n^(-1/6) for two variables. A call takes two seconds at n=10,000, so it is not
  run there. For discrete pairs: discrete and miller_madow. It has no estimator for
  mixed pairs."""

ALL = (0, 1, 2)
# Name, parameters, and the numbers of discrete variables for which to show them.
VARIANTS = [
    *[(name, {}, ALL) for name in ESTIMATORS],
    ("ksg", {"n_neighbors": 3}, ALL),
    ("ksg", {"n_neighbors": 4}, ALL),
    ("ksg", {"n_neighbors": 5}, ALL),
    ("ksg", {"correction": False}, (0,)),
    ("ksg", {"algorithm": 2}, ALL),
    ("ksg", {"marginals": "standard"}, ALL),
    ("plugin", {"correction": "miller-madow"}, ALL),
    ("plugin", {"correction": None}, ALL),
    ("plugin", {"correction": "shrink"}, (2,)),
    ("plugin", {"correction": "chao-shen"}, (2,)),
    ("plugin", {"correction": "grassberger"}, (2,)),
    ("plugin", {"correction": "jackknife"}, (2,)),
]
REFERENCE = "KSG()"


def own_contenders() -> dict[str, Contender]:
    """Return the contenders of `VARIANTS`, in the order of the registry."""
    found = {}
    for name in ESTIMATORS:
        for parameters, n_discrete in [v[1:] for v in VARIANTS if v[0] == name]:
            estimator = get_estimator(ESTIMATORS[name](**parameters))
            call = partial(estimate, estimator)
            found[str(estimator)] = Contender(call, n_discrete, vectors=True)
    return found


# --- estimating


def log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def errors(name: str, n: int, n_seeds: int, contenders: dict) -> dict:
    """Return the errors of the contenders that support the case, one per seed."""
    case = CASES[name]
    types = case.discrete_x, case.discrete_y
    samples = [case.sample(np.random.default_rng(seed), n) for seed in range(n_seeds)]
    found = {}
    for label, contender in contenders.items():
        if (
            sum(types) not in contender.n_discrete
            or n > contender.max_samples
            or (name in VECTORS and not contender.vectors)
        ):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                estimates = [contender.call(*sample, *types) for sample in samples]
        except (TypeError, ValueError) as error:
            log(f"{label} cannot estimate {name}, n={n:,}: {error}")
            continue
        found[label] = np.array(estimates) - case.information
    return found


def all_errors(sizes: list[int], n_seeds: int, contenders: dict) -> dict:
    """Return the errors of each contender for each (case, n)."""
    keys = [(name, n) for n in sorted(sizes, reverse=True) for name in CASES]
    found = Parallel(n_jobs=-1)(
        delayed(errors)(name, n, n_seeds, contenders) for name, n in keys
    )
    return dict(zip(keys, found, strict=True))


def rmse(error) -> float:
    return float(np.sqrt(np.mean(error**2)))


def spread(values) -> float:
    return float(np.std(values, ddof=1)) if np.isfinite(values).all() else np.nan


def standard_error(values) -> float:
    return spread(values) / np.sqrt(len(values))


# --- writing the results


def table(head: list[str], rows: Iterable[list[str]], n_left: int = 1) -> list[str]:
    """Return the lines of a Markdown table whose first n_left columns align left."""
    rule = ["---"] * n_left + ["---:"] * (len(head) - n_left)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def bold_if(condition, text: str) -> str:
    return f"**{text}**" if condition else text


def best_peer(found: dict) -> tuple[float, str]:
    """Return the smallest RMSE among other packages, and the name of the package."""
    errors_of_peers = [(rmse(found[label]), label) for label in PEERS if label in found]
    return min(errors_of_peers, default=(np.nan, "none"))


def error_ratios(found: dict, sizes: list[int], peers: list[str]) -> list[str]:
    """Return a table of the ratio of our RMSE to the smallest of these peers, by n."""
    rows = []
    for n in sizes:
        ratios = []
        for name in CONTINUOUS:
            errors = found[name, n]
            theirs = min(rmse(errors[label]) for label in peers if label in errors)
            ratios.append(rmse(errors[REFERENCE]) / theirs)
        mean, above = np.exp(np.mean(np.log(ratios))), np.array(ratios) > 1
        rows.append(
            [f"{n:,}", f"{mean:.2f}", f"{max(ratios):.2f}", f"{above.sum()}",
             f"{np.sum(np.array(ratios) > 1.1)}"]
        )  # fmt: skip
    return table(["n", "geometric mean", "largest", "above 1", "above 1.1"], rows)


def comparison_with_best_peer(found: dict, sizes: list[int]) -> list[str]:
    better_peers, n_larger_by_tenth = [], 0
    rows = []
    for name, case in CONTINUOUS.items():
        row = [name, f"{case.information:.4f}"]
        for n in sizes:
            ours = rmse(found[name, n][REFERENCE])
            theirs, label = best_peer(found[name, n])
            better_peers += [label] * (ours > theirs)
            n_larger_by_tenth += ours > 1.1 * theirs
            row += [bold_if(ours > theirs, f"{ours:.4f}"), f"{theirs:.4f} {label}"]
        rows.append(row)
    size_head = [text for n in sizes for text in (f"n={n:,}", "best package")]
    tally = Counter(better_peers).most_common()
    counts = ", ".join(f"{count} times {label}" for label, count in tally)
    return [
        f"## {REFERENCE} compared with the best package, continuous pairs",
        "",
        f"RMSE of `{REFERENCE}`, and the smallest RMSE among the other packages. That "
        "package is chosen for each cell with knowledge of the truth. Bold: the RMSE "
        f"of `{REFERENCE}` is larger. This is so in {len(better_peers)} of "
        f"{len(rows) * len(sizes)} cells, and by more than a tenth in "
        f"{n_larger_by_tenth} (best packages: {counts}).",
        "",
        *table(["case", "truth", *size_head], rows),
        "",
        f"Ratio of the two over the {len(rows)} cases, with only the packages that use "
        "nearest neighbours (scikit-learn, ennemi, infomeasure metric):",
        "",
        *error_ratios(found, sizes, list(PEERS)[:3]),
    ]


def mixed_bias(found: dict, sizes: list[int]) -> list[str]:
    n = max(sizes)
    labels = [REFERENCE, "scikit-learn", "ennemi"]
    rows = []
    for name in GROUPS["Mixed"] | GROUPS["Discrete"] | GROUPS["Atoms"]:
        row = [name, f"{CASES[name].information:.4f}"]
        for label in labels:
            error = found[name, n].get(label)
            if error is None:
                row += [NONE, NONE]
                continue
            two_errors = 2 * standard_error(error)
            outside = abs(error.mean()) > two_errors
            row += [bold_if(outside, f"{error.mean():+.5f}"), f"{two_errors:.5f}"]
        rows.append(row)
    head = [text for label in labels for text in (label, "2 s.e.")]
    return [
        f"## Bias in mixed and discrete pairs, and with atoms, n={n:,}",
        "",
        "Mean error, and two standard errors of the mean. Bold: the mean error is "
        "larger. By chance, this happens for one in twenty unbiased estimates.",
        "",
        *table(["case", "truth", *head], rows),
    ]


def worst_section(found: dict, n_rows: int = 10) -> list[str]:
    ratios = []
    for (name, n), errors in found.items():
        theirs, label = best_peer(errors)
        if REFERENCE in errors and label != "none":
            ours = rmse(errors[REFERENCE])
            ratios.append((ours / theirs, name, n, ours, theirs, label))
    worst = sorted(ratios, reverse=True)[:n_rows]
    rows = [
        [name, f"{n:,}", f"{found[name, n][REFERENCE].mean():+.4f}", f"{ours:.4f}",
         f"{theirs:.4f}", label, f"{ratio:.2f}"]
        for ratio, name, n, ours, theirs, label in worst
    ]  # fmt: skip
    head = ["case", "n", "bias", "RMSE", "best RMSE", "package", "ratio"]
    return [
        f"## Worst cases of {REFERENCE}",
        "",
        f"The {n_rows} of all {len(ratios)} cells with the largest ratio to the RMSE "
        "of the best other package.",
        "",
        *table(head, rows),
    ]


def full_tables(found: dict, sizes: list[int], contenders: dict) -> list[str]:
    lines = ["## All estimates"]
    for n in sizes:
        for group, cases in GROUPS.items():
            present = {label for name in cases for label in found[name, n]}
            labels = [label for label in contenders if label in present]
            if not labels:
                continue
            rmse_rows, bias_rows = [], []
            for name, case in cases.items():
                errors = found[name, n]
                smallest = min(map(rmse, errors.values()), default=np.nan)
                rmse_rows.append([name, f"{case.information:.4f}"])
                bias_rows.append([name, f"{case.information:.4f}"])
                for label in labels:
                    if label not in errors:
                        rmse_rows[-1].append(NONE)
                        bias_rows[-1].append(NONE)
                        continue
                    error = errors[label]
                    root, sd = rmse(error), spread(error)
                    rmse_rows[-1].append(
                        bold_if(np.isclose(root, smallest), f"{root:.4f}")
                    )
                    bias_rows[-1].append(f"{error.mean():+.4f} ± {sd:.4f}")
            head = ["case", "truth", *labels]
            lines += ["", f"### {group}, n={n:,}", ""]
            lines += ["RMSE. Bold: the smallest.", "", *table(head, rmse_rows), ""]
            lines += ["Bias ± standard deviation.", "", *table(head, bias_rows)]
    return lines


MAPS = {
    "exp 3z": lambda z: np.exp(3 * z),
    "z³": lambda z: z**3,
    "arcsinh z": np.arcsinh,
}


def invariance(n: int, n_seeds: int, contenders: dict) -> list[str]:
    normal = bivariate_normal(0.6)
    samples = [normal.sample(np.random.default_rng(seed), n) for seed in range(n_seeds)]
    rows = []
    for label, contender in contenders.items():
        if 0 not in contender.n_discrete or n > contender.max_samples:
            continue

        def call(x, y, contender=contender):
            return contender.call(x, y, False, False)

        plain = [call(x, y) for x, y in samples]
        row = [label]
        for change in MAPS.values():
            x_mapped = [call(change(x), y) for x, y in samples]
            y_mapped = [call(x, change(y)) for x, y in samples]
            for mapped in (x_mapped, y_mapped):
                row.append(f"{np.abs(np.subtract(mapped, plain)).max():.2g}")
        rows.append(row)
    head = [f"{name} for {axis}" for name in MAPS for axis in "xy"]
    return [
        "## Strictly increasing transformations",
        "",
        "A strictly increasing transformation of x or y does not change their mutual "
        "information. The table shows the largest change of the estimate, for normal "
        f"pairs of correlation .6, n={n:,} and {n_seeds} seeds. The true value is "
        f"{normal.information:.4f}.",
        "",
        *table(["", *head], rows),
    ]


def estimates_of_zero(
    n_levels, n_classes: int, n: int, n_seeds: int, contenders
) -> dict:
    """Return estimates for independent columns; n_levels=None: one level per row."""
    found = {label: np.empty(n_seeds) for label in contenders}
    for seed in range(n_seeds):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, n_classes, n)
        x = np.arange(n) if n_levels is None else rng.integers(0, n_levels, n)
        for label, contender in contenders.items():
            found[label][seed] = contender.call(x, y, True, True)
    return found


def irrelevant_columns(n: int, n_seeds: int, contenders: dict) -> list[str]:
    plug_ins = {k: v for k, v in contenders.items() if k.startswith("PlugIn(")}
    keys = [(c, m) for c in (2, 10) for m in (2, 10, 100, 1000, None)]
    results = Parallel(n_jobs=-1)(
        delayed(estimates_of_zero)(n_levels, n_classes, n, n_seeds, plug_ins)
        for n_classes, n_levels in keys
    )
    rows = []
    for (n_classes, n_levels), found in zip(keys, results, strict=True):
        row = [f"{n_levels:,} random" if n_levels else "one per row", f"{n_classes}"]
        for values in found.values():
            row.append(f"{values.mean():+.5f} ± {standard_error(values):.5f}")
        rows.append(row)
    return [
        "## Irrelevant columns of many levels",
        "",
        f"Mean estimate ± standard error, n={n:,}, {n_seeds} seeds. The true value is "
        "0.",
        "",
        *table(["levels of x", "classes of y", *plug_ins], rows),
    ]


def introduction(sizes: list[int], n_seeds: int, peers: bool) -> list[str]:
    packages = ["skmi", "numpy", "scipy", "scikit-learn"]
    packages += ["ennemi", "infomeasure"] if peers else []
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return [
        "# Accuracy",
        "",
        f"Written by `make bench-accuracy`. CPython {platform.python_version()}, "
        f"{versions}.",
        "",
        f"All values are in nats. For each case and n, {n_seeds} samples are drawn "
        f"with `default_rng(seed)`, seeds 0 to {n_seeds - 1}, the same for all "
        "packages. The samplers and the closed forms are in `tests/distributions.py`; "
        "those of columns that are partly a few values, and of flags and counts given "
        "as numbers (Atoms), are in `benchmarks/accuracy.py`. "
        "An error is the estimate minus the true value, the bias is the mean error, "
        f"and the root mean square error (RMSE) combines bias and spread. `{NONE}`: "
        "not available for such pairs, or not run. The estimators of skmi have their "
        "default parameters, except those shown, and are not clipped.",
        *(ABOUT_PEERS.splitlines() if peers else []),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="use few samples and seeds, write nothing"
    )
    parser.add_argument(
        "--ours", action="store_true", help="omit other packages, write nothing"
    )
    arguments = parser.parse_args()
    sizes, n_seeds, n_seeds_zero = [200, 1_000, 10_000], 30, 200
    if arguments.quick:
        sizes, n_seeds, n_seeds_zero = [200, 500], 3, 5
    contenders = own_contenders() | ({} if arguments.ours else PEERS)

    lines = introduction(sizes, n_seeds, not arguments.ours)
    start = time.perf_counter()
    found = all_errors(sizes, n_seeds, contenders)
    log(f"{time.perf_counter() - start:.0f} s: estimates")
    if not arguments.ours:
        lines += ["", *comparison_with_best_peer(found, sizes)]
        lines += ["", *worst_section(found)]
    lines += ["", *mixed_bias(found, sizes)]
    lines += ["", *invariance(1_000, min(n_seeds, 10), contenders)]
    log(f"{time.perf_counter() - start:.0f} s: transformations")
    lines += ["", *irrelevant_columns(1_000, n_seeds_zero, contenders)]
    log(f"{time.perf_counter() - start:.0f} s: irrelevant columns")
    lines += ["", *full_tables(found, sizes, contenders)]
    print("\n".join(lines))
    if not (arguments.quick or arguments.ours):
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
