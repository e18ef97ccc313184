"""Coordinates in which points of any dimension have the identity for covariance.

They are R^(-1/2) z, where z are the columns divided by their standard deviations and R
is the correlation matrix. Swapping columns or flipping a sign does the same to the
coordinates.
"""
from libc.math cimport fabs, sqrt


cdef inline double dot(const double* a, const double* b, Py_ssize_t n) noexcept nogil:
    """Return the inner product, from four sums that do not wait for one another."""
    cdef double s0 = 0, s1 = 0, s2 = 0, s3 = 0
    cdef Py_ssize_t i, whole = n - n % 4
    for i in range(0, whole, 4):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
    for i in range(whole, n):
        s0 += a[i] * b[i]
    return (s0 + s1) + (s2 + s3)


cdef inline void center(double* z, Py_ssize_t n) noexcept nogil:
    """Subtract the mean, and then the mean of the result."""
    cdef Py_ssize_t i, _
    cdef double mean
    for _ in range(2):
        mean = 0
        for i in range(n):
            mean += z[i]
        mean /= n
        for i in range(n):
            z[i] -= mean


cdef inline void measure_spread(
    const double* z, Py_ssize_t d, Py_ssize_t n, double* sd, double* R
) noexcept nogil:
    """Compute standard deviations (n - 1) and correlations of d centred rows."""
    cdef Py_ssize_t a, b
    for a in range(d):
        sd[a] = sqrt(dot(z + a * n, z + a * n, n) / (n - 1))
    for a in range(d):
        R[a * d + a] = 1
        for b in range(a):
            R[a * d + b] = 0
            if sd[a] > 0 and sd[b] > 0:
                R[a * d + b] = dot(z + a * n, z + b * n, n) / (n - 1) / sd[a] / sd[b]
            R[b * d + a] = R[a * d + b]


cdef inline void diagonalize(double* R, double* V, Py_ssize_t d) noexcept nogil:
    """Make R diagonal by Jacobi rotations; the columns of V become eigenvectors."""
    cdef Py_ssize_t a, b, i, _
    cdef double off, theta, t, c, s, x, y
    for i in range(d * d):
        V[i] = i % (d + 1) == 0
    for _ in range(60):
        off = 0
        for a in range(d):
            for b in range(a):
                off += fabs(R[a * d + b])
        if off < 1e-17 * d * d:
            return
        for a in range(d):
            for b in range(a):
                if R[a * d + b] == 0:
                    continue
                theta = (R[a * d + a] - R[b * d + b]) / (2 * R[a * d + b])
                t = 1 / (fabs(theta) + sqrt(theta * theta + 1))
                if theta < 0:
                    t = -t
                c = 1 / sqrt(t * t + 1)
                s = t * c
                for i in range(d):  # columns a and b
                    x, y = R[i * d + b], R[i * d + a]
                    R[i * d + b], R[i * d + a] = c * x - s * y, s * x + c * y
                    x, y = V[i * d + b], V[i * d + a]
                    V[i * d + b], V[i * d + a] = c * x - s * y, s * x + c * y
                for i in range(d):  # rows a and b
                    x, y = R[b * d + i], R[a * d + i]
                    R[b * d + i], R[a * d + i] = c * x - s * y, s * x + c * y
                R[a * d + b] = R[b * d + a] = 0
