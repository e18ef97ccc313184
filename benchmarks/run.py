"""Compare the speed of skmi with scikit-learn and other packages; write RESULTS.md.

All packages run in this process, in alternation, on one thread unless a row says
otherwise. A time is that of the fastest run. `python benchmarks/run.py --quick` uses
less data and does not write RESULTS.md.
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
from timing import MAX_SECONDS, REPEATS, best_times  # sets one thread
from timing import classes, correlated, heavy_tailed, levels

# isort: on
import numpy as np
from selection_speed import selection
from sklearn import feature_selection as sklearn_functions

import skmi
from skmi._data.columns import Columns
from skmi.estimators import ESTIMATORS, KDE, KSG, GaussianCopula

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ["skmi", "scikit-learn", "numpy", "scipy", "ennemi", "infomeasure"]
PACKAGES += ["feature-engine", "fast-select", "mrmr-selection", "skfeature-chappers"]


def compare_with_scikit_learn(scale: int) -> list[str]:
    rows = []

    def compare(task: str, name: str, X, y, **options):
        scores = {}

        def run(module):
            scores[module] = getattr(module, name)(X, y, **options)

        theirs, ours = best_times(lambda: run(sklearn_functions), lambda: run(skmi))
        difference = abs(scores[sklearn_functions] - scores[skmi]).max()
        per = 1e9 / X.size
        rows.append(
            f"| {task} | {theirs * per:,.0f} | {ours * per:,.1f} | {theirs / ours:.1f} "
            f"| {difference:.0e} |"
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
        "## Comparison with scikit-learn",
        "",
        "Nanoseconds per column and sample, for 20 columns on one thread.",
        "",
        "| task | scikit-learn | skmi | ratio | largest difference, nats |",
        "|---|---:|---:|---:|---:|",
        *rows,
    ]


def normal_triple(n: int):
    """Return x and y of correlation .6 given z, which is added to both."""
    x, noise, z = np.random.default_rng(0).standard_normal((3, n))
    return x + z, 0.6 * x + 0.8 * noise + z, z


def matrix(X):
    """Return a function that estimates the information of all pairs of columns.

    It does not include the preparation of the columns.
    """
    estimator, columns = GaussianCopula(), np.arange(X.shape[1])
    block = estimator.prepare(Columns(X, np.zeros(len(columns), dtype=bool)), columns)
    return lambda: estimator.matrix(block, columns, block, columns)


def estimators(scale: int) -> list[str]:
    import ennemi
    import infomeasure

    rows = []

    def compare(task: str, name: str, other: Callable, own: Callable):
        theirs, ours = best_times(other, own)
        rows.append(
            f"| {task} | {name} | {theirs:.4f} | {ours:.4f} | {theirs / ours:.1f} |"
        )

    n = 10_000 // scale
    x, y, z = normal_triple(n)
    compare(
        f"`KDE()`, two variables, n={n:,}", "`KDE(method=\"exact\")`",
        lambda: skmi.mutual_info(x, y, estimator=KDE(method="exact")),
        lambda: skmi.mutual_info(x, y, estimator=KDE()),
    )  # fmt: skip
    compare(
        f"`KDE()`, two variables, n={n:,}", "infomeasure, Gaussian kernel",
        lambda: infomeasure.mutual_information(
            x, y, approach="kernel", kernel="gaussian", bandwidth=n ** (-1 / 6)
        ),
        lambda: skmi.mutual_info(x, y, estimator=KDE()),
    )  # fmt: skip
    compare(
        f"`KSG()`, x and y given z, n={n:,}", "ennemi",
        lambda: ennemi.estimate_mi(y, x, cond=z, k=4, max_threads=1),
        lambda: skmi.conditional_mutual_info(x, y, z, estimator=KSG(4)),
    )  # fmt: skip
    X = np.random.default_rng(0).standard_normal((n, 1000 // scale))
    compare(
        f"`GaussianCopula()`, all pairs of {X.shape[1]:,} prepared columns, n={n:,}",
        "`numpy.corrcoef`", lambda: np.corrcoef(X, rowvar=False), matrix(X),
    )  # fmt: skip

    n = 1_000_000 // scale
    x, y, _ = normal_triple(n)
    (seconds,) = best_times(lambda: skmi.mutual_info(x, y, estimator=KDE()))
    return [
        "## Estimators",
        "",
        "Seconds on one thread.",
        "",
        "| task | compared with | its time | skmi | ratio |",
        "|---|---|---:|---:|---:|",
        *rows,
        "",
        f"`KDE()` takes {seconds:.2f} s for two variables of 1,000,000 samples."
        if scale == 1
        else f"`KDE()` takes {seconds:.2f} s for two variables.",
        "",
        *estimator_methods(10_000 // scale),
    ]


def estimator_methods(n: int) -> list[str]:
    X, y = classes(n, 20)
    _, y_continuous, s = normal_triple(n)
    columns = np.arange(20)
    rows = []
    for name, cls in ESTIMATORS.items():
        estimator = cls()

        def prepare(values, estimator=estimator):
            values = values.reshape(n, -1)
            indices = np.arange(values.shape[1])
            discrete = np.full(len(indices), values.dtype.kind == "i")
            return estimator.prepare(Columns(values, discrete), indices)

        block = prepare(X)
        classes_target, continuous_target, s_target = (
            estimator.as_target(prepare(v), 0) for v in (y, y_continuous, s)
        )
        calls = [
            partial(estimator.mi, block, columns, classes_target),
            partial(estimator.mi, block, columns, continuous_target),
            partial(
                estimator.cmi,
                block,
                columns,
                estimator.condition(classes_target, s_target),
            ),
            partial(
                estimator.cmi,
                block,
                columns,
                estimator.condition(continuous_target, s_target),
            ),
        ]
        times = [seconds * 1e9 / X.size for seconds in best_times(*calls)]
        rows.append(f"| {name} | {' | '.join(f'{t:,.1f}' for t in times)} |")
    return [
        f"Nanoseconds per column and sample, for 20 prepared continuous columns, "
        f"n={n:,}. The target is a class or continuous; the last two columns condition "
        "on a continuous column.",
        "",
        "| estimator | class | continuous | class, conditional | continuous, "
        "conditional |",
        "|---|---:|---:|---:|---:|",
        *rows,
    ]


def threads(scale: int) -> list[str]:
    n, p = 100_000 // scale, 50
    rows = []
    for task, (X, y) in {
        "class target": classes(n, p),
        "continuous target": correlated(n, p, 0.3),
    }.items():
        one, two = best_times(
            lambda X=X, y=y: skmi.MIScorer(n_jobs=1)(X, y),
            lambda X=X, y=y: skmi.MIScorer(n_jobs=2)(X, y),
        )
        rows.append(f"| {task} | {one:.3f} | {two:.3f} | {one / two:.2f} |")
    return [
        "## Threads",
        "",
        f"Seconds of `MIScorer(KSG())`, n={n:,}, p={p}.",
        "",
        "| task | one thread | two threads | ratio |",
        "|---|---:|---:|---:|",
        *rows,
    ]


def scaling(scale: int) -> list[str]:
    few, many = 10_000 // scale, 1_000_000 // scale
    makers = {
        "class target": lambda n: classes(n, 4),
        "normal": lambda n: correlated(n, 4, 0.3),
        "r=.99": lambda n: correlated(n, 4, 0.99),
        "heavy-tailed": lambda n: heavy_tailed(n, 4),
    }
    rows = []
    for task, make in makers.items():
        name = "classif" if task == "class target" else "regression"
        score = getattr(skmi, f"mutual_info_{name}")
        per = []
        for n in (few, many):
            X, y = make(n)
            (seconds,) = best_times(lambda X=X, y=y, score=score: score(X, y))
            per.append(seconds * 1e9 / X.size)
        rows.append(f"| {task} | {per[0]:.0f} | {per[1]:.0f} | {per[1] / per[0]:.1f} |")
    return [
        "## Scaling with the number of samples",
        "",
        "Nanoseconds per column and sample, for 4 columns on one thread.",
        "",
        f"| task | n={few:,} | n={many:,} | ratio |",
        "|---|---:|---:|---:|",
        *rows,
    ]


FITS = {
    "`MIScorer(KSG())`": lambda: skmi.MIScorer(KSG()),
    "`MISelector`, JMI, `PlugIn()`": lambda: (
        skmi.MISelector(5, criterion="jmi", estimator="plugin").fit
    ),
    "`MISelector`, MRMR, `KSG()`": lambda: (
        skmi.MISelector(2, criterion="mrmr", estimator=KSG()).fit
    ),
}


def peak_memory() -> int:
    """Return the peak resident memory of this process in bytes, on Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024


def measure_memory(task: str, n: int, p: int) -> None:
    """Print the rise of the peak memory in a fit, as a multiple of the size of X."""
    X, y = classes(n, p)
    fit = FITS[task]()
    fit(X[:100], y[:100])
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    before = peak_memory()
    fit(X, y)
    print((peak_memory() - before) / X.nbytes)


def memory(scale: int) -> list[str]:
    n, p = 500_000 // scale, 40
    rows = []
    for task in FITS:
        command = [sys.executable, __file__, "--memory", task, str(n), str(p)]
        rise = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(f"| {task} | {float(rise.stdout):.2f} |")
    return [
        "## Memory",
        "",
        f"Rise of the peak resident memory during a fit, as a multiple of the size of "
        f"X, n={n:,}, p={p}.",
        "",
        "| task | multiple of X |",
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
        f"cores; fastest of at least {REPEATS} runs, or of those that start "
        f"within {MAX_SECONDS} seconds."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="use less data, write nothing"
    )
    parser.add_argument("--memory", nargs=3, metavar=("TASK", "N", "P"))
    arguments = parser.parse_args()
    if arguments.memory:
        task, n, p = arguments.memory
        measure_memory(task, int(n), int(p))
        return
    scale = 10 if arguments.quick else 1
    lines = ["# Speed", "", "Written by `make bench`.", environment()]
    for benchmark in (
        compare_with_scikit_learn,
        estimators,
        selection,
        threads,
        scaling,
        memory,
    ):
        section = benchmark(scale)
        print("\n".join(section), end="\n\n", flush=True)
        lines += ["", *section]
    if not arguments.quick:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
