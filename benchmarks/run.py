"""Time skmi beside scikit-learn and write RESULTS.md.

Both sides run in this process, in turn, on one thread unless a row says otherwise; a
time is the best of the repetitions. `python benchmarks/run.py --quick` is a trial run
on less data that writes nothing.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn import feature_selection as theirs

import skmi as ours
from skmi.estimators import KSG, PlugIn

RESULTS = Path(__file__).with_name("RESULTS.md")
REPEATS = 5  # at least, and more
SECONDS = 2  # until this much time has passed


def best_times(*functions: Callable) -> list[float]:
    """Seconds of each function, the best of its runs, which alternate."""
    best = [np.inf] * len(functions)
    n_runs, begin = 0, time.perf_counter()
    while n_runs < REPEATS or time.perf_counter() - begin < SECONDS:
        for i, function in enumerate(functions):
            start = time.perf_counter()
            function()
            best[i] = min(best[i], time.perf_counter() - start)
        n_runs += 1
    return best


def classes(n: int, p: int, n_classes: int = 2):
    """Normal columns whose mean depends a little on the class."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_classes, n)
    return rng.standard_normal((n, p)) + 0.3 * y[:, None], y


def correlated(n: int, p: int, r: float):
    """Normal columns of correlation r with the target."""
    rng = np.random.default_rng(0)
    y = rng.standard_normal(n)
    return r * y[:, None] + np.sqrt(1 - r * r) * rng.standard_normal((n, p)), y


def heavy_tailed(n: int, p: int):
    """Cauchy columns, and a target that is the first of them with Cauchy noise."""
    rng = np.random.default_rng(0)
    X = rng.standard_cauchy((n, p))
    return X, X[:, 0] + rng.standard_cauchy(n)


def levels(n: int, p: int, n_levels: int = 10):
    """Columns of whole numbers below n_levels, a tenth of which tell the target."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, n_levels, n)
    X = rng.integers(0, n_levels, (n, p))
    return np.where(rng.random((n, p)) < 0.1, y[:, None], X).astype(float), y


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


def selection(scale: int) -> list[str]:
    n, p, k = 100_000 // scale, 100, 10
    X, y = classes(n, p)
    codes, _ = levels(n, p)
    selector = ours.MISelector(k, criterion="jmi", estimator=PlugIn(n_bins=10))
    (continuous,) = best_times(lambda: selector.fit(X, y))
    discrete = ours.MISelector(k, criterion="jmi", discrete_features=True)
    (coded,) = best_times(lambda: discrete.fit(codes, y))
    per = 1e9 / (n * p * k)
    return [
        "## Selection",
        "",
        f"`MISelector`, JMI, k={k}, n={n:,}, p={p}, 2 classes, one thread, the whole "
        "`fit`: nanoseconds for a feature, pick and sample.",
        "",
        "| columns | ns |",
        "|---|---:|",
        f"| continuous, cut into 10 quantile bins | {continuous * per:.2f} |",
        f"| discrete, 10 levels | {coded * per:.2f} |",
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
    packages = ("skmi", "scikit-learn", "numpy", "scipy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text().splitlines()
        models = [line.split(":")[1] for line in lines if line.startswith("model name")]
        cpu = models[0].strip() if models else cpu
    return (
        f"CPython {platform.python_version()}, {versions}; {cpu}, {os.cpu_count()} "
        f"cores; best of at least {REPEATS} runs."
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
    for part in (against_scikit_learn, selection, threads, growth, memory):
        section = part(scale)
        print("\n".join(section), end="\n\n", flush=True)
        lines += ["", *section]
    if not arguments.quick:
        RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
