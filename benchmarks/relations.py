"""Pairs of variables that depend on each other in many ways, or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

# --- the eight relations of Simon and Tibshirani (2011), arXiv 1401.7645

# The curve, and the standard deviation of the noise at level 1 (of 10 levels).
CURVES: dict[str, tuple[Callable, float]] = {
    "line": (lambda x: x, 0.3),
    "parabola": (lambda x: 4 * (x - 0.5) ** 2, 0.3),
    "cubic": (
        lambda x: 128 * (x - 1 / 3) ** 3 - 48 * (x - 1 / 3) ** 2 - 12 * (x - 1 / 3),
        3.0,
    ),
    "sine, 2 periods": (lambda x: np.sin(4 * np.pi * x), 0.6),
    "sine, 8 periods": (lambda x: np.sin(16 * np.pi * x), 0.3),
    "fourth root": (lambda x: x**0.25, 0.3),
    "circle": (lambda x: np.sqrt(1 - (2 * x - 1) ** 2), 0.075),
    "step": (lambda x: (x > 0.5).astype(float), 1.5),
}
LEVELS = range(1, 11)


def draw_curve(name: str, level: int, rng: np.random.Generator, n: int):
    """Draw a uniform x, and y on a curve plus normal noise."""
    curve, noise = CURVES[name]
    x = rng.uniform(size=n)
    sign = rng.choice([-1, 1], n) if name == "circle" else 1
    return x, sign * curve(x) + noise * level * rng.standard_normal(n)


# --- other relations; the larger the last argument, the weaker


def line(rng, n: int, noise: float):
    x = rng.standard_normal(n)
    return x, x + noise * rng.standard_normal(n)


def heavy_tails(rng, n: int, noise: float):
    x = rng.exponential(size=n)
    return x, x + noise * rng.standard_t(2, n)


def logarithm(rng, n: int, noise: float):
    x = rng.standard_normal(n)
    return x, np.log(np.abs(x)) + noise * rng.standard_normal(n)


def checkerboard(rng, n: int, noise: float):
    """Draw points on the five fields of one colour of a board of 3 x 3 fields."""
    field = 2 * rng.integers(0, 5, n)
    x, y = field % 3 + rng.random(n), field // 3 + rng.random(n)
    return x, y + noise * rng.standard_normal(n)


def two_parabolas(rng, n: int, noise: float):
    x = rng.uniform(-1, 1, n)
    return x, rng.choice([-1, 1], n) * x**2 + noise * rng.standard_normal(n)


def letter_w(rng, n: int, noise: float):
    x = rng.uniform(-1, 1, n)
    return x, 4 * (x**2 - 0.5) ** 2 + noise * rng.standard_normal(n)


def growing_noise(rng, n: int, noise: float):
    """Draw y with a standard deviation that grows with the distance of x from 0."""
    x = rng.standard_normal(n)
    return x, (noise + np.abs(x)) * rng.standard_normal(n)


def common_scale(rng, n: int, degrees: float):
    """Draw from Student's t distribution in two dimensions, without correlation."""
    x, y = rng.standard_normal((2, n)) / np.sqrt(rng.chisquare(degrees, n) / degrees)
    return x, y


def spiral(rng, n: int, noise: float):
    """Draw points on two turns of a spiral, with noise in both directions."""
    angle = 4 * np.pi * np.sqrt(rng.random(n))
    x, y = angle * np.cos(angle), angle * np.sin(angle)
    return tuple(np.stack([x, y]) + noise * rng.standard_normal((2, n)))


def clayton(rng, n: int, noise: float):
    """Draw from Clayton's copula, whose lower tails depend on each other."""
    u, v = rng.exponential(size=(2, n)) / rng.gamma(noise, size=n)
    return (1 + u) ** -noise, (1 + v) ** -noise


def mixture(rng, n: int, noise: float):
    """Draw one row of 1 + noise from a line, and all others independently."""
    x, y = rng.standard_normal((2, n))
    return x, np.where(rng.random(n) < 1 / (1 + noise), x, y)


def rounded_line(rng, n: int, noise: float):
    """Draw a line, and round both variables to about ten values."""
    x, y = line(rng, n, noise)
    return to_ten_values(x), to_ten_values(y / y.std())


def to_ten_values(values):
    return 0.6 * np.round(values / 0.6)


def many_zeros(rng, n: int, noise: float):
    """Draw an exponential x of which two thirds are 0, and a line."""
    x = rng.exponential(size=n) * (rng.random(n) < 1 / 3)
    return x, x + noise * rng.standard_normal(n)


def three_means(rng, n: int, noise: float):
    y = rng.integers(0, 3, n)
    return np.array([0, 2, 1])[y] + noise * rng.standard_normal(n), y


def three_variances(rng, n: int, noise: float):
    y = rng.integers(0, 3, n)
    return (noise + np.array([0, 2, 1])[y]) * rng.standard_normal(n), y


def flag(rng, n: int, noise: float):
    x = rng.standard_normal(n)
    return x, (x + noise * rng.standard_normal(n) > 1).astype(int)


@dataclass(frozen=True)
class Relation:
    """A relation, its noise for each n, and whether y contains classes."""

    draw: Callable
    noise: dict[int, float]
    classes: bool = False

    def sample(self, rng: np.random.Generator, n: int):
        return self.draw(rng, n, self.noise[n])


# With these, distance correlation finds about half of the tables.
RELATIONS = {
    "line": Relation(line, {100: 4.7, 1_000: 14}),
    "exponential x, noise of t2": Relation(heavy_tails, {100: 3.2, 1_000: 11}),
    "log abs x": Relation(logarithm, {100: 2.4, 1_000: 8.6}),
    "checkerboard": Relation(checkerboard, {100: 0.3, 1_000: 0.63}),
    "two parabolas": Relation(two_parabolas, {100: 0.29, 1_000: 0.73}),
    "W": Relation(letter_w, {100: 0.63, 1_000: 2.1}),
    "noise grows with abs x": Relation(growing_noise, {100: 0.17, 1_000: 2.8}),
    "common scale": Relation(common_scale, {100: 1.7, 1_000: 4.5}),
    "spiral": Relation(spiral, {100: 1.1, 1_000: 7.2}),
    "Clayton copula": Relation(clayton, {100: 3, 1_000: 9.7}),
    "line in some rows": Relation(mixture, {100: 4.7, 1_000: 14}),
    "rounded line": Relation(rounded_line, {100: 4.7, 1_000: 14}),
    "x often 0": Relation(many_zeros, {100: 3.2, 1_000: 11}),
    "3 classes, means": Relation(three_means, {100: 3.4, 1_000: 10}, True),
    "3 classes, variances": Relation(three_variances, {100: 1.5, 1_000: 7.2}, True),
    "flag": Relation(flag, {100: 3.6, 1_000: 12}, True),
}

# --- independent variables


def normal(rng, shape):
    return rng.standard_normal(shape)


def few_levels(n_levels: int, rng, shape):
    return rng.integers(0, n_levels, shape)


def often_zero(rng, shape):
    return rng.exponential(size=shape) * (rng.random(shape) < 0.3)


def zero_or_one(rng, shape):
    return (rng.random(shape) < 0.3).astype(float)


def rounded(rng, shape):
    return to_ten_values(rng.standard_normal(shape))


def small_counts(rng, shape):
    return rng.poisson(0.3, shape).astype(float)


@dataclass(frozen=True)
class Independent:
    """How x and y are drawn, and whether they are discrete."""

    x: Callable
    y: Callable
    discrete_x: bool = False
    discrete_y: bool = False


INDEPENDENT = {
    "two numbers": Independent(normal, normal),
    "number, 2 classes": Independent(normal, partial(few_levels, 2), False, True),
    "number, 5 classes": Independent(normal, partial(few_levels, 5), False, True),
    "4 levels, number": Independent(partial(few_levels, 4), normal, True, False),
    "4 levels, 3 classes": Independent(
        partial(few_levels, 4), partial(few_levels, 3), True, True
    ),
    "number, 70 % zeros": Independent(often_zero, normal),
    "0 or 1 as a number": Independent(zero_or_one, normal),
    "both rounded": Independent(rounded, rounded),
    "both small counts": Independent(small_counts, small_counts),
}

# --- two effects of a common cause


def of_number(rng, n: int):
    z = rng.standard_normal(n)
    return z, z, z


def of_square(rng, n: int):
    z = rng.standard_normal(n)
    return z, z**2, z


def of_levels(rng, n: int):
    z = rng.integers(0, 4, n)
    return z, np.array([0, 2, 1, 3])[z], z - 1.5


# Each draws the cause, what it adds to both effects, and a number that is 0 on average.
CAUSES = {"number": of_number, "square of a number": of_square, "4 levels": of_levels}
# What the noise of x, and that number, add to y.
EFFECTS: dict[str, Callable] = {
    "nothing": lambda e, w: 0 * e,
    "line": lambda e, w: 0.3 * e,
    "product": lambda e, w: 0.4 * e * w,
}


def draw_effects(cause: str, effect: str, rng: np.random.Generator, n: int):
    """Draw x, y and their cause; y depends on x also otherwise, unless by nothing."""
    z, common, w = CAUSES[cause](rng, n)
    e, noise = rng.standard_normal((2, n))
    return common + e, common + EFFECTS[effect](e, w) + noise, z
