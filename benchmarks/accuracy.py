"""Hold skmi and its peers against closed forms and write ACCURACY.md.

Everyone estimates from the same samples. `python benchmarks/accuracy.py --quick` is a
trial run on few samples and seeds, `--ours` leaves the peers out; neither writes.
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
from distributions import CONTINUOUS, MIXED, OF_VECTORS, bivariate_normal
from joblib import Parallel, delayed
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression

import skmi
from skmi.estimators import ESTIMATORS, get_estimator

NONE = "-"
RESULTS = Path(__file__).with_name("ACCURACY.md")
DISCRETE = {
    name: case for name, case in MIXED.items() if case.discrete_x and case.discrete_y
}
GROUPS = {
    "Continuous": CONTINUOUS,
    "Mixed": {name: MIXED[name] for name in MIXED if name not in DISCRETE},
    "Discrete": DISCRETE,
    "Vectors": OF_VECTORS,
}
CASES = {name: case for group in GROUPS.values() for name, case in group.items()}


# --- who estimates


@dataclass(frozen=True)
class Contender:
    """Estimate with `call(x, y, discrete_x, discrete_y)`, in nats."""

    call: Callable
    serves: tuple[int, ...] = (0, 1, 2)  # how many of the two are discrete
    most_samples: float = np.inf
    vectors: bool = False


def estimate(estimator, x, y, discrete_x, discrete_y):
    kinds = {"discrete_x": discrete_x, "discrete_y": discrete_y}
    return skmi.mutual_info(x, y, estimator=estimator, **kinds)


def estimate_by_scikit_learn(x, y, discrete_x, discrete_y):
    score = mutual_info_classif if discrete_y else mutual_info_regression
    return score(x[:, None], y, discrete_features=discrete_x, random_state=0)[0]


def estimate_by_ennemi(x, y, discrete_x, discrete_y):
    from ennemi import estimate_mi

    kinds = {"discrete_x": discrete_x, "discrete_y": discrete_y}
    return estimate_mi(y, x, **kinds, max_threads=1).item()


def estimate_by_infomeasure(x, y, discrete_x, discrete_y, **options):
    from infomeasure import mutual_information

    if options["approach"] == "kernel":
        n, d = np.column_stack((x, y)).shape
        options["bandwidth"] = n ** (-1 / (d + 4))
    return mutual_information(x, y, base="e", **options)


def infomeasure(serves: int, approach: str, **options) -> Contender:
    call = partial(estimate_by_infomeasure, approach=approach, **options)
    slow = approach == "kernel"
    return Contender(call, (serves,), 1000 if slow else np.inf, vectors=serves == 0)


PEERS = {
    "scikit-learn": Contender(estimate_by_scikit_learn),
    "ennemi": Contender(estimate_by_ennemi),
    "infomeasure metric": infomeasure(0, "metric", seed=0),
    "infomeasure kernel": infomeasure(0, "kernel", kernel="gaussian"),
    "infomeasure discrete": infomeasure(2, "discrete"),
    "infomeasure miller_madow": infomeasure(2, "miller_madow"),
}
ABOUT_PEERS = """
* scikit-learn: `mutual_info_classif` where y is discrete, else
  `mutual_info_regression`; `discrete_features` as the case is, `n_neighbors=3`,
  `random_state=0`. It returns 0 for a negative estimate, which helps where the truth is
  next to 0.
* ennemi: `estimate_mi(y, x, k=3)`, `discrete_x` and `discrete_y` as the case is.
* infomeasure, for continuous pairs: metric (Kraskov's first; `k=4`, noise of 1e-10,
  values as they are; `seed=0`) and kernel (`kernel="gaussian"`; it has no default
  bandwidth, and is given Scott's factor, n^(-1/6) for two numbers; a call at n=10,000
  takes two seconds, so it is left out there). For discrete pairs: discrete and
  miller_madow. For mixed pairs it has none."""

ALL = (0, 1, 2)
# Name, parameters, and which pairs to show it for: how many of the two are discrete.
VARIANTS = [
    *[(name, {}, ALL) for name in ESTIMATORS],
    ("ksg", {"n_neighbors": 3}, ALL),
    ("ksg", {"n_neighbors": 5}, ALL),
    ("ksg", {"algorithm": 2}, ALL),
    ("ksg", {"marginals": "standard"}, ALL),
    ("plugin", {"correction": "miller-madow"}, ALL),
    ("plugin", {"correction": "chance"}, ALL),
    ("plugin", {"correction": "shrink"}, (2,)),
    ("plugin", {"correction": "chao-shen"}, (2,)),
    ("plugin", {"correction": "grassberger"}, (2,)),
    ("plugin", {"correction": "jackknife"}, (2,)),
]
REFERENCE = "KSG()"


def our_contenders() -> dict[str, Contender]:
    """`VARIANTS`, in the order of the registry."""
    found = {}
    for name in ESTIMATORS:
        for parameters, serves in [v[1:] for v in VARIANTS if v[0] == name]:
            estimator = get_estimator(ESTIMATORS[name](**parameters))
            call = partial(estimate, estimator)
            found[str(estimator)] = Contender(call, serves, vectors=True)
    return found


# --- estimating


def log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def errors(name: str, n: int, n_seeds: int, contenders: dict) -> dict:
    """Errors of the contenders that serve the case, one for each seed."""
    case = CASES[name]
    kinds = case.discrete_x, case.discrete_y
    samples = [case.sample(np.random.default_rng(seed), n) for seed in range(n_seeds)]
    found = {}
    for label, contender in contenders.items():
        if (
            sum(kinds) not in contender.serves
            or n > contender.most_samples
            or (name in OF_VECTORS and not contender.vectors)
        ):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                estimates = [contender.call(*sample, *kinds) for sample in samples]
        except (TypeError, ValueError) as refusal:
            log(f"{label} refuses {name}, n={n:,}: {refusal}")
            continue
        found[label] = np.array(estimates) - case.information
    return found


def all_errors(sizes: list[int], n_seeds: int, contenders: dict) -> dict:
    """Errors of (name, n), label."""
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


# --- saying it


def table(head: list[str], rows: Iterable[list[str]], n_left: int = 1) -> list[str]:
    """A table in Markdown, its first n_left columns flush left."""
    rule = ["---"] * n_left + ["---:"] * (len(head) - n_left)
    return [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]


def bold_if(condition, text: str) -> str:
    return f"**{text}**" if condition else text


def best_peer(found: dict) -> tuple[float, str]:
    """Least root mean square error of a peer, and whose it is."""
    of_peers = [(rmse(found[label]), label) for label in PEERS if label in found]
    return min(of_peers, default=(np.nan, "none"))


def error_ratios(found: dict, sizes: list[int], peers: list[str]) -> list[str]:
    """A row a size: the default's RMSE over the least of these peers."""
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


def beside_the_best_peer(found: dict, sizes: list[int]) -> list[str]:
    leaders, n_far = [], 0
    rows = []
    for name, case in CONTINUOUS.items():
        row = [name, f"{case.information:.4f}"]
        for n in sizes:
            ours = rmse(found[name, n][REFERENCE])
            theirs, label = best_peer(found[name, n])
            leaders += [label] * (ours > theirs)
            n_far += ours > 1.1 * theirs
            row += [bold_if(ours > theirs, f"{ours:.4f}"), f"{theirs:.4f} {label}"]
        rows.append(row)
    of_sizes = [text for n in sizes for text in (f"n={n:,}", "best peer")]
    tally = Counter(leaders).most_common()
    counts = ", ".join(f"{count} to {label}" for label, count in tally)
    return [
        f"## {REFERENCE} beside the best peer, continuous pairs",
        "",
        f"RMSE of `{REFERENCE}` and the least of the peers, chosen for each cell with "
        f"the truth in sight. Bold where ours is larger: {len(leaders)} of "
        f"{len(rows) * len(sizes)}, {n_far} by more than a tenth ({counts}).",
        "",
        *table(["case", "truth", *of_sizes], rows),
        "",
        f"The ratio of both over the {len(rows)} cases, with the peers that count "
        "neighbours alone (scikit-learn, ennemi, infomeasure metric):",
        "",
        *error_ratios(found, sizes, list(PEERS)[:3]),
    ]


def mixed_bias(found: dict, sizes: list[int]) -> list[str]:
    n = max(sizes)
    labels = [REFERENCE, "scikit-learn", "ennemi"]
    rows = []
    for name in GROUPS["Mixed"] | GROUPS["Discrete"]:
        row = [name, f"{CASES[name].information:.4f}"]
        for label in labels:
            error = found[name, n].get(label)
            if error is None:
                row += [NONE, NONE]
                continue
            twice = 2 * standard_error(error)
            outside = abs(error.mean()) > twice
            row += [bold_if(outside, f"{error.mean():+.5f}"), f"{twice:.5f}"]
        rows.append(row)
    head = [text for label in labels for text in (label, "2 s.e.")]
    return [
        f"## Bias in mixed and discrete pairs, n={n:,}",
        "",
        "Mean error and two of its standard errors. Bold where it is outside of them, "
        "as one unbiased estimate in twenty is.",
        "",
        *table(["case", "truth", *head], rows),
    ]


def worst_rows(found: dict, n_rows: int = 10) -> list[str]:
    ratios = []
    for (name, n), of_case in found.items():
        theirs, label = best_peer(of_case)
        if REFERENCE in of_case and label != "none":
            ours = rmse(of_case[REFERENCE])
            ratios.append((ours / theirs, name, n, ours, theirs, label))
    worst = sorted(ratios, reverse=True)[:n_rows]
    rows = [
        [name, f"{n:,}", f"{found[name, n][REFERENCE].mean():+.4f}", f"{ours:.4f}",
         f"{theirs:.4f}", label, f"{ratio:.2f}"]
        for ratio, name, n, ours, theirs, label in worst
    ]  # fmt: skip
    head = ["case", "n", "bias", "RMSE", "best peer's", "peer", "ratio"]
    return [
        f"## Where {REFERENCE} stands worst",
        "",
        f"The {n_rows} of all {len(ratios)} cells that a peer leads by most.",
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
            square, biases = [], []
            for name, case in cases.items():
                of_case = found[name, n]
                least = min(map(rmse, of_case.values()), default=np.nan)
                square.append([name, f"{case.information:.4f}"])
                biases.append([name, f"{case.information:.4f}"])
                for label in labels:
                    if label not in of_case:
                        square[-1].append(NONE)
                        biases[-1].append(NONE)
                        continue
                    error = of_case[label]
                    whole, sd = rmse(error), spread(error)
                    square[-1].append(bold_if(np.isclose(whole, least), f"{whole:.4f}"))
                    biases[-1].append(f"{error.mean():+.4f} ± {sd:.4f}")
            head = ["case", "truth", *labels]
            lines += ["", f"### {group}, n={n:,}", ""]
            lines += ["RMSE, the least bold.", "", *table(head, square), ""]
            lines += ["Bias ± standard deviation.", "", *table(head, biases)]
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
        if 0 not in contender.serves or n > contender.most_samples:
            continue

        def call(x, y, contender=contender):
            return contender.call(x, y, False, False)

        plain = [call(x, y) for x, y in samples]
        row = [label]
        for change in MAPS.values():
            of_x = [call(change(x), y) for x, y in samples]
            of_y = [call(x, change(y)) for x, y in samples]
            for mapped in (of_x, of_y):
                row.append(f"{np.abs(np.subtract(mapped, plain)).max():.2g}")
        rows.append(row)
    head = [f"{name} of {axis}" for name in MAPS for axis in "xy"]
    return [
        "## Increasing maps",
        "",
        "They leave information as it is. The largest change of the estimate when x or "
        f"y is mapped: normal pairs of correlation .6, n={n:,}, {n_seeds} seeds; the "
        f"truth is {normal.information:.4f}.",
        "",
        *table(["", *head], rows),
    ]


def of_chance(n_levels, n_classes: int, n: int, n_seeds: int, contenders) -> dict:
    """Estimates for columns that tell nothing; None: every row has its own level."""
    found = {label: np.empty(n_seeds) for label in contenders}
    for seed in range(n_seeds):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, n_classes, n)
        x = np.arange(n) if n_levels is None else rng.integers(0, n_levels, n)
        for label, contender in contenders.items():
            found[label][seed] = contender.call(x, y, True, True)
    return found


def chance(n: int, n_seeds: int, contenders: dict) -> list[str]:
    of_counts = {k: v for k, v in contenders.items() if k.startswith("PlugIn(")}
    keys = [(c, m) for c in (2, 10) for m in (2, 10, 100, 1000, None)]
    results = Parallel(n_jobs=-1)(
        delayed(of_chance)(n_levels, n_classes, n, n_seeds, of_counts)
        for n_classes, n_levels in keys
    )
    rows = []
    for (n_classes, n_levels), found in zip(keys, results, strict=True):
        row = [f"{n_levels:,} drawn" if n_levels else "one a row", f"{n_classes}"]
        for values in found.values():
            row.append(f"{values.mean():+.5f} ± {standard_error(values):.5f}")
        rows.append(row)
    return [
        "## Columns of many levels that tell nothing",
        "",
        f"Mean estimate ± standard error, n={n:,}, {n_seeds} seeds; the truth is 0.",
        "",
        *table(["levels of x", "classes of y", *of_counts], rows),
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
        f"Nats. For each case and n, {n_seeds} samples, the same for everyone: of "
        f"`default_rng(seed)`, seeds 0 to {n_seeds - 1}, by the samplers in "
        "`tests/distributions.py`, where the closed forms are too. An error is the "
        "estimate less the truth, the bias is its mean, and the root mean square error "
        f"(RMSE) counts bias and spread. `{NONE}`: not for such pairs, or not run. Our "
        "estimators are as they come but for the parameters shown, and not clipped.",
        *(ABOUT_PEERS.splitlines() if peers else []),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a trial run")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    arguments = parser.parse_args()
    sizes, n_seeds, n_of_chance = [200, 1_000, 10_000], 30, 200
    if arguments.quick:
        sizes, n_seeds, n_of_chance = [200, 500], 3, 5
    contenders = our_contenders() | ({} if arguments.ours else PEERS)

    lines = introduction(sizes, n_seeds, not arguments.ours)
    start = time.perf_counter()
    found = all_errors(sizes, n_seeds, contenders)
    log(f"{time.perf_counter() - start:.0f} s: estimates")
    if not arguments.ours:
        lines += ["", *beside_the_best_peer(found, sizes)]
        lines += ["", *worst_rows(found)]
    lines += ["", *mixed_bias(found, sizes)]
    lines += ["", *invariance(1_000, min(n_seeds, 10), contenders)]
    log(f"{time.perf_counter() - start:.0f} s: increasing maps")
    lines += ["", *chance(1_000, n_of_chance, contenders)]
    log(f"{time.perf_counter() - start:.0f} s: chance")
    lines += ["", *full_tables(found, sizes, contenders)]
    print("\n".join(lines))
    if not (arguments.quick or arguments.ours):
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
