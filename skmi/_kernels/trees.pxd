"""A k-d tree of points under the maximum norm: nearest neighbours, and counts in balls.

The tree is perfect: node v has the children 2 v and 2 v + 1, and the nodes of a level
share the points, kept in the order of the leaves, alike. A walk starts at the leaf of
its point and climbs, looking into the other child of every ancestor. A box holds its
points tightly, and differences round monotonically: what is told of a box by its edges
is exact for the points.
"""
from libc.math cimport fabs
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
    """The first point of a node; its last is before the next node's first."""
    return (node * tree.n >> level) - tree.n


cdef inline Py_ssize_t leaf_of(const Tree* tree, Py_ssize_t p) noexcept nogil:
    """The node of the leaf that holds point p."""
    return tree.n_leaves + ((p + 1 << tree.n_levels) - 1) // tree.n


cdef inline void swap_points(
    Tree* tree, Py_ssize_t d, Py_ssize_t i, Py_ssize_t j
) noexcept nogil:
    cdef Py_ssize_t a
    for a in range(d):
        tree.points[i * d + a], tree.points[j * d + a] = (
            tree.points[j * d + a], tree.points[i * d + a]
        )
    tree.samples[i], tree.samples[j] = tree.samples[j], tree.samples[i]


cdef inline void part_points(
    Tree* tree, Py_ssize_t d, Py_ssize_t axis, Py_ssize_t begin, Py_ssize_t middle,
    Py_ssize_t end,
) noexcept nogil:
    """Move the points that are lower along an axis in front of the middle."""
    cdef const double* along = tree.points + axis
    cdef Py_ssize_t i, j, low = begin, high = end - 1
    cdef double a, b, c, pivot
    cdef uint64_t dice = 1
    while low < high:
        # pivots from anywhere: no order of the samples makes this quadratic
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
    """Leave a tree of n points, at least one, as many levels as it needs."""
    tree.n = n
    tree.n_leaves = 1
    tree.n_levels = 0
    while n > N_LEAF * tree.n_leaves:
        tree.n_leaves *= 2
        tree.n_levels += 1


cdef inline void grow_tree(Tree* tree, Py_ssize_t d) noexcept nogil:
    """Arrange the points and draw the boxes, with room for n + 4 rows."""
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
                part_points(tree, d, widest, begin, i, end)
            continue
        while node & 1:
            node >>= 1
            level -= 1
        if node == 0:
            return
        node += 1


cdef inline void draw_boxes(Tree* tree, Py_ssize_t d) noexcept nogil:
    """Draw the boxes of points that are arranged already."""
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


cdef inline double gap_to(
    const double* box, const double* point, Py_ssize_t d
) noexcept nogil:
    """No point in the box is nearer than this."""
    cdef Py_ssize_t a
    cdef double gap = 0, below, above
    for a in range(d):
        below = box[a] - point[a]
        above = point[a] - box[d + a]
        below = below if below > above else above
        gap = gap if gap > below else below
    return gap


cdef inline double reach_of(
    const double* box, const double* point, Py_ssize_t d
) noexcept nogil:
    """No point in the box is farther than this."""
    cdef Py_ssize_t a
    cdef double reach = 0, below, above
    for a in range(d):
        below = point[a] - box[a]
        above = box[d + a] - point[a]
        below = below if below > above else above
        reach = reach if reach > below else below
    return reach


cdef inline double distance_of(
    const double* p, const double* q, Py_ssize_t d
) noexcept nogil:
    cdef Py_ssize_t a
    cdef double distance = 0, along
    for a in range(d):
        along = fabs(p[a] - q[a])
        distance = distance if distance > along else along
    return distance


cdef inline void offer_points(
    const Tree* tree, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end,
    const double* point, double* nearest, int k,
) noexcept nogil:
    """Keep the k least distances, ascending."""
    cdef Py_ssize_t j
    cdef int i
    cdef double distance
    for j in range(begin, end):
        distance = distance_of(tree.points + j * d, point, d)
        if distance < nearest[k - 1]:
            i = k - 1
            while i > 0 and nearest[i - 1] > distance:
                nearest[i] = nearest[i - 1]
                i -= 1
            nearest[i] = distance


cdef inline void search_tree(
    const Tree* tree, Py_ssize_t d, Py_ssize_t p, double* nearest, int k
) noexcept nogil:
    """Offer all points that can be among the k nearest to point p."""
    cdef const double* point = tree.points + p * d
    cdef Py_ssize_t leaf = leaf_of(tree, p), top = leaf, node
    cdef int level = tree.n_levels
    offer_points(tree, d, begin_of(tree, leaf, level), p, point, nearest, k)
    offer_points(
        tree, d, p + 1, begin_of(tree, leaf + 1, level), point, nearest, k
    )
    while top > 1:
        top ^= 1
        node = top
        while True:
            if gap_to(tree.boxes + 2 * d * node, point, d) < nearest[k - 1]:
                if node < tree.n_leaves:
                    node *= 2
                    level += 1
                    continue
                offer_points(
                    tree, d, begin_of(tree, node, level),
                    begin_of(tree, node + 1, level), point, nearest, k,
                )
            while node != top and node & 1:
                node >>= 1
                level -= 1
            if node == top:
                break
            node += 1
        top >>= 1
        level -= 1


cdef inline Py_ssize_t count_points(
    const Tree* tree, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end,
    const double* point, double r, bint closed,
) noexcept nogil:
    cdef Py_ssize_t j, n_near = 0
    cdef double distance
    for j in range(begin, end):
        distance = distance_of(tree.points + j * d, point, d)
        n_near += distance <= r if closed else distance < r
    return n_near


cdef inline Py_ssize_t count_tree(
    const Tree* tree, Py_ssize_t d, Py_ssize_t p, double r, bint closed
) noexcept nogil:
    """Number of other points nearer than r, or no farther, than point p."""
    cdef const double* point = tree.points + p * d
    cdef const double* box
    cdef Py_ssize_t leaf = leaf_of(tree, p), top = leaf, node, begin, end, n_near
    cdef int level = tree.n_levels
    cdef double gap, reach
    n_near = count_points(
        tree, d, begin_of(tree, leaf, level), p, point, r, closed
    ) + count_points(
        tree, d, p + 1, begin_of(tree, leaf + 1, level), point, r, closed
    )
    while top > 1:
        top ^= 1
        node = top
        while True:
            box = tree.boxes + 2 * d * node
            gap = gap_to(box, point, d)
            if gap <= r if closed else gap < r:
                begin = begin_of(tree, node, level)
                end = begin_of(tree, node + 1, level)
                reach = reach_of(box, point, d)
                if reach <= r if closed else reach < r:
                    n_near += end - begin
                elif node < tree.n_leaves:
                    node *= 2
                    level += 1
                    continue
                else:
                    n_near += count_points(tree, d, begin, end, point, r, closed)
            while node != top and node & 1:
                node >>= 1
                level -= 1
            if node == top:
                break
            node += 1
        top >>= 1
        level -= 1
    return n_near


cdef inline Py_ssize_t tally_points(
    const Tree* tree, Py_ssize_t d, Py_ssize_t begin, Py_ssize_t end,
    const double* point, double r, double* reach,
) noexcept nogil:
    cdef Py_ssize_t a, j, n_near = 0
    cdef double along
    for j in range(begin, end):
        if distance_of(tree.points + j * d, point, d) <= r:
            n_near += 1
            for a in range(d):
                along = fabs(tree.points[j * d + a] - point[a])
                reach[a] = along if along > reach[a] else reach[a]
    return n_near


cdef inline Py_ssize_t tally_tree(
    const Tree* tree, Py_ssize_t d, Py_ssize_t p, double r, double* reach
) noexcept nogil:
    """Count the other points no farther than r from point p.

    Entry a of reach takes how far these are along axis a at most.
    """
    cdef const double* point = tree.points + p * d
    cdef const double* box
    cdef Py_ssize_t a, leaf = leaf_of(tree, p), top = leaf, node, begin, end, n_near
    cdef int level = tree.n_levels
    cdef double below, above
    for a in range(d):
        reach[a] = 0
    n_near = tally_points(
        tree, d, begin_of(tree, leaf, level), p, point, r, reach
    ) + tally_points(
        tree, d, p + 1, begin_of(tree, leaf + 1, level), point, r, reach
    )
    while top > 1:
        top ^= 1
        node = top
        while True:
            box = tree.boxes + 2 * d * node
            if gap_to(box, point, d) <= r:
                begin = begin_of(tree, node, level)
                end = begin_of(tree, node + 1, level)
                if reach_of(box, point, d) <= r:
                    n_near += end - begin
                    for a in range(d):
                        below = point[a] - box[a]
                        above = box[d + a] - point[a]
                        below = below if below > above else above
                        reach[a] = below if below > reach[a] else reach[a]
                elif node < tree.n_leaves:
                    node *= 2
                    level += 1
                    continue
                else:
                    n_near += tally_points(tree, d, begin, end, point, r, reach)
            while node != top and node & 1:
                node >>= 1
                level -= 1
            if node == top:
                break
            node += 1
        top >>= 1
        level -= 1
    return n_near
