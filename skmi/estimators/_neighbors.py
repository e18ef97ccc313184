"""Information from nearest neighbours, for variables of any kinds and dimensions."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

from skmi.estimators._spaces import Balls, ConditionedSpace, Space

__all__ = ["ball_estimates", "ball_information", "digammas", "rectangle_information"]


@lru_cache(maxsize=1)
def digammas(n: int) -> NDArray[np.float64]:
    """Return the digamma function of 0 to n."""
    psi = np.arange(n + 1.0)
    psi[0] = -np.inf
    digamma(psi[1:], out=psi[1:])
    psi.flags.writeable = False
    return psi


def ball_information(x: Space, conditioned: ConditionedSpace, k: int) -> float:
    """Return I(x; y | z) of `ball_estimates` for one k."""
    return float(ball_estimates(x, conditioned, (k,))[0])


def ball_estimates(
    x: Space, conditioned: ConditionedSpace, ks: Sequence[int]
) -> NDArray[np.float64]:
    r"""Return I(x; y | z) = < psi(k) - psi(n_xz) - psi(n_yz) + psi(n_z) > for each k.

    y is the target and z is given. The ball of a sample, in the space of x, y and z
    with the maximum norm, reaches to its k-th neighbour in the same cell, or to the
    last one if these are fewer. A sample alone in its cell is left out. n_xz counts the
    sample itself and those of its cell of x and z that are nearer than the radius along
    the axes of x and z; n_yz and n_z likewise. The information is exactly 0 if x or y
    is constant.

    If an axis repeats values and some ball is shared, counts are closed, and k is the
    number of others in the closed ball. A count is then less by 1 if one of these
    others is at the edge along an axis that is counted on. Where the radius is 0, k
    also counts the sample. Without ties this is the same. If only one of x, y and z has
    axes, counts are always closed, as only ties between cells matter.
    """
    y, z = conditioned.target, conditioned.given
    joint = Space.join(x, y, z)
    kept = joint.cells.sizes > 1
    if not kept.any():
        return np.zeros(len(ks))
    if not kept.all():
        joint, x, conditioned = joint.take(kept), x.take(kept), conditioned.take(kept)
        y, z = conditioned.target, conditioned.given
    if x.constant or y.constant:
        return np.zeros(len(ks))
    xz = Space.join(x, z)
    return np.array(
        [_ball_mean(Balls.around(joint, k), x, xz, conditioned) for k in ks]
    )


def _ball_mean(
    balls: Balls, x: Space, xz: Space, conditioned: ConditionedSpace
) -> float:
    """Return the mean of `ball_estimates` over the balls of all samples."""
    y, z = conditioned.target, conditioned.given
    tied = x.tied or y.tied or z.tied
    r = balls.r
    closed = (tied and (balls.shared or not r.all())) or (
        sum(each.n_axes > 0 for each in (x, y, z)) == 1
    )
    on_x, on_y, on_z = (
        (extent == r).any(axis=0) & (r > 0) & closed
        for extent in np.split(balls.extent, np.cumsum([x.n_axes, y.n_axes]))
    )
    n_xz = xz.count(r, closed) - (on_x | on_z)
    n_yz = conditioned.joined.count(r, closed) - (on_y | on_z)
    n_z = z.count(r, closed) - on_z
    k = balls.n + (r == 0) if closed else balls.k
    psi = digammas(len(k))
    # paired so that equal terms cancel exactly
    more, fewer = np.maximum(n_xz, n_yz), np.minimum(n_xz, n_yz)
    return float(np.mean((psi[n_z] - psi[more]) + (psi[k] - psi[fewer])))


def rectangle_information(x: Space, conditioned: ConditionedSpace, k: int) -> float:
    r"""Return I(x; y) = < psi(k) - 1 / k + psi(N) - psi(n_x) - psi(n_y) >.

    y is the target, and a constant is given. The k nearest neighbours span a rectangle
    around a sample. n_x counts the others that are no farther than its edge along the
    axes of x. All samples at the k-th distance are neighbours.

    The result is that of `ball_information` if x or y has cells, if an axis repeats
    values and some ball is shared, or if a rectangle has no width.
    """
    y = conditioned.target
    joint = Space.join(x, y)
    if joint.cells.n_levels > 1:
        return ball_information(x, conditioned, k)
    balls = Balls.around(joint, k)
    width, height = (
        extent.max(axis=0, initial=0) for extent in np.split(balls.extent, [x.n_axes])
    )
    if (joint.tied and balls.shared) or not (width.all() and height.all()):
        return ball_information(x, conditioned, k)
    n_x, n_y = x.count(width, closed=True) - 1, y.count(height, closed=True) - 1
    psi = digammas(joint.n_samples)
    terms = (psi[-1] - psi[np.maximum(n_x, n_y)]) + (
        psi[balls.n] - 1 / balls.n - psi[np.minimum(n_x, n_y)]
    )
    return float(terms.mean())
