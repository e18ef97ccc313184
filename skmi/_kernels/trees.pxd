"""A k-d tree: points in the order of its leaves, and a tight box around every node.

The tree is perfect: node v has the children 2 v and 2 v + 1, and the nodes of a level
have equal shares of the points, up to one.
"""
from libc.stdint cimport uint64_t

cdef enum:
    N_LEAF = 12  # points in a leaf at most


cdef struct Tree:
    double* points      # rows of d coordinates, leaf by leaf
    int* samples        # whose points these are
    double* boxes       # 2 d for a node: the lows, then the highs
    Py_ssize_t n
    Py_ssize_t n_leaves  # the last nodes, from n_leaves on
    int n_levels        # n_leaves = 1 << n_levels


cdef inline Py_ssize_t begin_of(
    const Tree* tree, Py_ssize_t node, int level
) noexcept nogil:
    """Return the first point of a node; its last is before the next node's first."""
    return (node * tree.n >> level) - tree.n


cdef inline Py_ssize_t leaf_of(const Tree* tree, Py_ssize_t p) noexcept nogil:
    """Return the node of the leaf that contains point p."""
    return tree.n_leaves + ((p + 1 << tree.n_levels) - 1) // tree.n


cdef inline void swap_points(
    Tree* tree, Py_ssize_t d, Py_ssize_t i, Py_ssize_t j
) noexcept nogil:
    """Swap two points, and their samples."""
    cdef Py_ssize_t a
    for a in range(d):
        tree.points[i * d + a], tree.points[j * d + a] = (
            tree.points[j * d + a], tree.points[i * d + a]
        )
    tree.samples[i], tree.samples[j] = tree.samples[j], tree.samples[i]


cdef inline void split_points(
    Tree* tree, Py_ssize_t d, Py_ssize_t axis, Py_ssize_t begin, Py_ssize_t middle,
    Py_ssize_t end,
) noexcept nogil:
    """Move the points that are lower along an axis before the middle."""
    cdef const double* along = tree.points + axis
    cdef Py_ssize_t i, j, low = begin, high = end - 1
    cdef double a, b, c, pivot
    cdef uint64_t dice = 1
    while low < high:
        # random pivots, so that no order of the samples makes this quadratic
        dice = dice * 6364136223846793005u + 1442695040888963407u
        a = along[(low + <Py_ssize_t> ((dice >> 33) % (high - low + 1))) * d]
        b = along[middle * d]
        dice = dice * 6364136223846793005u + 1442695040888963407u
        c = along[(low + <Py_ssize_t> ((dice >> 33) % (high - low + 1))) * d]
        if a > b:
            a, b = b, a
        pivot = a if c < a else (b if c > b else c)
        i = low
        j = high
        while i <= j:
            while along[i * d] < pivot:
                i += 1
            while along[j * d] > pivot:
                j -= 1
            if i <= j:
                swap_points(tree, d, i, j)
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            return


cdef inline void set_levels(Tree* tree, Py_ssize_t n) noexcept nogil:
    """Choose the number of levels for a tree of n points, at least one."""
    tree.n = n
    tree.n_leaves = 1
    tree.n_levels = 0
    while n > N_LEAF * tree.n_leaves:
        tree.n_leaves *= 2
        tree.n_levels += 1


cdef inline void grow_tree(Tree* tree, Py_ssize_t d) noexcept nogil:
    """Arrange the points and compute the boxes, which need (n + 4) d entries."""
    cdef Py_ssize_t node = 1, begin, end, i, a, widest
    cdef int level = 0
    cdef double x, width
    cdef double* box
    while True:  # depth first, to stay in the cache
        begin = begin_of(tree, node, level)
        end = begin_of(tree, node + 1, level)
        box = tree.boxes + 2 * d * node
        widest = 0
        for a in range(d):
            box[a] = box[d + a] = tree.points[begin * d + a]
        for i in range(begin + 1, end):
            for a in range(d):
                x = tree.points[i * d + a]
                box[a] = x if x < box[a] else box[a]
                box[d + a] = x if x > box[d + a] else box[d + a]
        width = 0
        for a in range(d):
            if box[d + a] - box[a] > width:
                width = box[d + a] - box[a]
                widest = a
        if node < tree.n_leaves:
            level += 1
            node *= 2
            if width > 0:
                i = begin_of(tree, node + 1, level)
                split_points(tree, d, widest, begin, i, end)
            continue
        while node & 1:
            node >>= 1
            level -= 1
        if node == 0:
            return
        node += 1


cdef inline void draw_boxes(Tree* tree, Py_ssize_t d) noexcept nogil:
    """Compute the boxes of points that are arranged already."""
    cdef Py_ssize_t node, begin, end, i, a
    cdef double low, high
    cdef double* box
    cdef const double* halves
    for node in range(2 * tree.n_leaves - 1, tree.n_leaves - 1, -1):
        begin = begin_of(tree, node, tree.n_levels)
        end = begin_of(tree, node + 1, tree.n_levels)
        box = tree.boxes + 2 * d * node
        for a in range(d):
            low = high = tree.points[begin * d + a]
            for i in range(begin + 1, end):
                low = min(low, tree.points[i * d + a])
                high = max(high, tree.points[i * d + a])
            box[a] = low
            box[d + a] = high
    for node in range(tree.n_leaves - 1, 0, -1):
        box = tree.boxes + 2 * d * node
        halves = tree.boxes + 4 * d * node
        for a in range(d):
            box[a] = min(halves[a], halves[2 * d + a])
            box[d + a] = max(halves[d + a], halves[3 * d + a])
