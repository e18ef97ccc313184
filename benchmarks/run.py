"""Time skmi beside scikit-learn and other packages, and write RESULTS.md.

Both sides run in this process, in turn, on one thread unless a row says otherwise; a
time is the best of the repetitions. `python benchmarks/run.py --quick` is a trial run
on less data that writes nothing.
"""

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

# isort: off
from timing import MOST_SECONDS, REPEATS, best_times  # which sets one thread
from timing import classes, correlated, heavy_tailed, levels

# isort: on
import numpy as np
from selection_speed import selection
from sklearn import feature_selection as theirs

import skmi as ours
from skmi._data.columns import Columns
from skmi.estimators import ESTIMATORS, KDE, KSG, GaussianCopula

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ["skmi", "scikit-learn", "numpy", "scipy", "ennemi", "infomeasure"]
PACKAGES += ["feature-engine", "fast-select", "mrmr-selection", "skfeature-chappers"]


def against_scikit_learn(scale: int) -> list[str]:
    rows = []

    def compare(work: str, name: str, X, y, **options):
        scores = {}

        def run(module):
            scores[module] = getattr(module, name)(X, y, **options)

        slow, fast = best_times(lambda: run(theirs), lambda: run(ours))
        apart = abs(scores[theirs] - scores[ours]).max()
        per = 1e9 / X.size
        rows.append(
            f"| {work} | {slow * per:,.0f} | {fast * per:,.1f} | {slow / fast:.1f} "
            f"| {apart:.0e} |"
        )

    for n in (1_000, 10_000, 100_000):
        n //= scale
        compare(f"classif, 2 classes, n={n:,}", "mutual_info_classif", *classes(n, 20))
    n = 10_000 // scale
    compare(
        f"classif, 100 classes, n={n:,}", "mutual_info_classif", *classes(n, 20, 100)
    )
    for n in (1_000, 10_000, 100_000):
        n //= scale
        data = {
            "normal": correlated(n, 20, 0.3),
            "r=.99": correlated(n, 20, 0.99),
            "heavy-tailed": heavy_tailed(n, 20),
        }
        for kind, (X, y) in data.items():
            compare(f"regression, {kind}, n={n:,}", "mutual_info_regression", X, y)
    n = 100_000 // scale
    compare(
        f"all discrete, 10 levels, n={n:,}", "mutual_info_classif", *levels(n, 20),
        discrete_features=True,
    )  # fmt: skip
    return [
        "## Beside scikit-learn",
        "",
        "20 columns, one thread, nanoseconds for a column and sample.",
        "",
        "| work | scikit-learn | skmi | ratio | largest difference, nats |",
        "|---|---:|---:|---:|---:|",
        *rows,
    ]


def normal_triple(n: int):
    """x and y of correlation .6, and z, which has a share in both."""
    x, noise, z = np.random.default_rng(0).standard_normal((3, n))
    return x + z, 0.6 * x + 0.8 * noise + z, z


def matrix(X):
    """Information of all pairs of columns, which are prepared beforehand."""
    estimator, which = GaussianCopula(), np.arange(X.shape[1])
    block = estimator.prepare(Columns(X, np.zeros(len(which), dtype=bool)), which)
    return lambda: estimator.matrix(block, which, block, which)


def estimators(scale: int) -> list[str]:
    import ennemi
    import infomeasure

    rows = []

    def compare(work: str, name: str, slow: Callable, fast: Callable):
        slow, fast = best_times(slow, fast)
        rows.append(
            f"| {work} | {name} | {slow:.4f} | {fast:.4f} | {slow / fast:.1f} |"
        )

    n = 10_000 // scale
    x, y, z = normal_triple(n)
    compare(
        f"`KDE()`, a pair, n={n:,}", "`KDE(method=\"exact\")`",
        lambda: ours.mutual_info(x, y, estimator=KDE(method="exact")),
        lambda: ours.mutual_info(x, y, estimator=KDE()),
    )  # fmt: skip
    compare(
        f"`KDE()`, a pair, n={n:,}", "infomeasure, Gaussian kernel",
        lambda: infomeasure.mutual_information(
            x, y, approach="kernel", kernel="gaussian", bandwidth=n ** (-1 / 6)
        ),
        lambda: ours.mutual_info(x, y, estimator=KDE()),
    )  # fmt: skip
    compare(
        f"`KSG()`, x and y given z, n={n:,}", "ennemi",
        lambda: ennemi.estimate_mi(y, x, cond=z, k=4, max_threads=1),
        lambda: ours.conditional_mutual_info(x, y, z, estimator=KSG(4)),
    )  # fmt: skip
    X = np.random.default_rng(0).standard_normal((n, 1000 // scale))
    compare(
        f"`GaussianCopula()`, all pairs of {X.shape[1]:,} columns, n={n:,}, prepared",
        "`numpy.corrcoef`", lambda: np.corrcoef(X, rowvar=False), matrix(X),
    )  # fmt: skip

    n = 1_000_000 // scale
    of_many = normal_triple(n)[:2]
    (seconds,) = best_times(lambda: ours.mutual_info(*of_many, estimator=KDE()))
    return [
        "## Estimators",
        "",
        "Seconds, one thread.",
        "",
        "| work | beside | theirs | skmi | ratio |",
        "|---|---|---:|---:|---:|",
        *rows,
        "",
        f"`KDE()` takes {seconds:.2f} s for a pair of 1,000,000 samples."
        if scale == 1
        else f"`KDE()` takes {seconds:.2f} s for a pair.",
        "",
        *verbs(10_000 // scale),
    ]


def verbs(n: int) -> list[str]:
    X, y = classes(n, 20)
    _, number, given = normal_triple(n)
    columns = np.arange(20)
    rows = []
    for name, cls in ESTIMATORS.items():
        estimator = cls()

        def prepare(values, estimator=estimator):
            values = values.reshape(n, -1)
            which = np.arange(values.shape[1])
            discrete = np.full(len(which), values.dtype.kind == "i")
            return estimator.prepare(Columns(values, discrete), which)

        block = prepare(X)
        y_, number_, given_ = (
            estimator.as_target(prepare(v), 0) for v in (y, number, given)
        )
        calls = [
            partial(estimator.mi, block, columns, y_),
            partial(estimator.mi, block, columns, number_),
            partial(estimator.cmi, block, columns, estimator.condition(y_, given_)),
            partial(
                estimator.cmi, block, columns, estimator.condition(number_, given_)
            ),
        ]
        times = [seconds * 1e9 / X.size for seconds in best_times(*calls)]
        rows.append(f"| {name} | {' | '.join(f'{t:,.1f}' for t in times)} |")
    return [
        f"20 continuous columns, prepared, n={n:,}, with a class or a continuous "
        "target, and given a continuous column: nanoseconds for a column and sample.",
        "",
        "| estimator | class | continuous | class, given | continuous, given |",
        "|---|---:|---:|---:|---:|",
        *rows,
    ]


def threads(scale: int) -> list[str]:
    n, p = 100_000 // scale, 50
    rows = []
    for work, (X, y) in {
        "class target": classes(n, p),
        "continuous target": correlated(n, p, 0.3),
    }.items():
        one, two = best_times(
            lambda X=X, y=y: ours.MIScorer(n_jobs=1)(X, y),
            lambda X=X, y=y: ours.MIScorer(n_jobs=2)(X, y),
        )
        rows.append(f"| {work} | {one:.3f} | {two:.3f} | {one / two:.2f} |")
    return [
        "## Threads",
        "",
        f"`MIScorer(KSG())`, n={n:,}, p={p}: seconds.",
        "",
        "| work | one thread | two | ratio |",
        "|---|---:|---:|---:|",
        *rows,
    ]


def growth(scale: int) -> list[str]:
    few, many = 10_000 // scale, 1_000_000 // scale
    makers = {
        "class target": lambda n: classes(n, 4),
        "normal": lambda n: correlated(n, 4, 0.3),
        "r=.99": lambda n: correlated(n, 4, 0.99),
        "heavy-tailed": lambda n: heavy_tailed(n, 4),
    }
    rows = []
    for work, make in makers.items():
        name = "classif" if work == "class target" else "regression"
        score = getattr(ours, f"mutual_info_{name}")
        per = []
        for n in (few, many):
            X, y = make(n)
            (seconds,) = best_times(lambda X=X, y=y, score=score: score(X, y))
            per.append(seconds * 1e9 / X.size)
        rows.append(f"| {work} | {per[0]:.0f} | {per[1]:.0f} | {per[1] / per[0]:.1f} |")
    return [
        "## Growth",
        "",
        "4 columns, one thread, nanoseconds for a column and sample.",
        "",
        f"| work | n={few:,} | n={many:,} | ratio |",
        "|---|---:|---:|---:|",
        *rows,
    ]


FITS = {
    "`MIScorer(KSG())`": lambda: ours.MIScorer(KSG()),
    "`MISelector`, JMI, `PlugIn()`": lambda: ours.MISelector(5).fit,
    "`MISelector`, MRMR, `KSG()`": lambda: (
        ours.MISelector(2, criterion="mrmr", estimator=KSG()).fit
    ),
}


def resident_bytes() -> int:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure_memory(work: str, n: int, p: int) -> None:
    """Print how far the peak of this process rises in a fit, in sizes of X."""
    X, y = classes(n, p)
    fit = FITS[work]()
    fit(X[:100], y[:100])
    before = resident_bytes()
    fit(X, y)
    print((resident_bytes() - before) / X.nbytes)


def memory(scale: int) -> list[str]:
    n, p = 500_000 // scale, 40
    rows = []
    for work in FITS:
        command = [sys.executable, __file__, "--memory", work, str(n), str(p)]
        rise = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(f"| {work} | {float(rise.stdout):.2f} |")
    return [
        "## Memory",
        "",
        f"Rise of the peak resident size in a fit, in sizes of X: n={n:,}, p={p}.",
        "",
        "| work | sizes of X |",
        "|---|---:|",
        *rows,
    ]


def environment() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        models = [line.split(":")[1] for line in lines if line.startswith("model name")]
        cpu = models[0].strip() if models else cpu
    return (
        f"CPython {platform.python_version()}, {versions}; {cpu}, {os.cpu_count()} "
        f"cores; best of at least {REPEATS} runs, or of those that begin in "
        f"{MOST_SECONDS} seconds."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a trial run")
    parser.add_argument("--memory", nargs=3, metavar=("WORK", "N", "P"))
    arguments = parser.parse_args()
    if arguments.memory:
        work, n, p = arguments.memory
        measure_memory(work, int(n), int(p))
        return
    scale = 10 if arguments.quick else 1
    lines = ["# Speed", "", "Written by `make bench`.", environment()]
    for part in (against_scikit_learn, estimators, selection, threads, growth, memory):
        section = part(scale)
        print("\n".join(section), end="\n\n", flush=True)
        lines += ["", *section]
    if not arguments.quick:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
