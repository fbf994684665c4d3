#include "check.h"

enum { COLUMNS = LOOP_BLOCK_COLUMNS, ROWS = LOOP_BLOCK_ROWS };

// Places of pieces of `width` that `pieces` lays out: column n of row k lies here.
static size_t place(size_t k, size_t n, size_t width, size_t piece_distance) { return n / width * piece_distance + k * width + n % width; }

static void layouts(size_t depth, size_t count) {
    size_t distance = count + 3;
    float *x = numbers((depth - 1) * distance + count);
    for (int transposed = 0; transposed < 2; transposed++) {
        size_t width = transposed ? ROWS : COLUMNS, whole = (count + width - 1) / width * width, gap = depth * width + 5;
        float *target = numbers(whole / width * gap);
        at("%s, %zu x %zu", transposed ? "loop_block_transposed_rows" : "loop_block_columns", depth, count);
        (transposed ? loop_block_transposed_rows : loop_block_columns)(target, x, distance, depth, gap, count);
        for (size_t k = 0; k < depth; k++)
            for (size_t n = 0; n < whole; n++) same(target[place(k, n, width, gap)], n < count ? x[k * distance + n] : 0.0f);
    }
    forget();
}

static void rows_of(size_t rows, size_t depth) {
    size_t distance = depth + 2;
    float *a = numbers((rows - 1) * distance + depth), *u = numbers(depth * ROWS);
    at("loop_block_rows, %zu x %zu", rows, depth);
    loop_block_rows(u, a, distance, rows, depth);
    for (size_t k = 0; k < depth; k++)
        for (size_t i = 0; i < ROWS; i++) same(u[k * ROWS + i], i < rows ? a[i * distance + k] : 0.0f);
    forget();
}

// A product's factors and what is added to it: 0: nothing, 1: a sum, 2: a bias, 3: both, the sum in place.
typedef struct {
    size_t rows, columns, depth;
    int adds;
} shape;

// loop_block_product, or loop_block_products where there is more than one group or block, by each length of vectors that this processor has.
static void product(shape s) {
    size_t groups = (s.rows + ROWS - 1) / ROWS, blocks = (s.columns + COLUMNS - 1) / COLUMNS;
    size_t group_distance = s.depth * ROWS + 7, block_distance = s.depth * COLUMNS + 9, distance = s.columns + 6;
    size_t all = (s.rows - 1) * distance + s.columns;
    float *u = numbers(groups * group_distance), *v = numbers(blocks * block_distance), *bias = s.adds & 2 ? numbers(s.rows) : NULL;
    float *before = numbers(all), *apart = s.adds == 1 ? numbers(all) : NULL;
    const float *summand = s.adds == 3 ? before : apart;
    for (size_t lanes = 4; lanes <= loop_block_lanes(); lanes *= 2) {
        float *out = copy(before, all), *given = s.adds == 3 ? out : apart;
        at("loop_block_product by %zu lanes, %zu x %zu of %zu, adding %d", lanes, s.rows, s.columns, s.depth, s.adds);
        if (groups == 1 && blocks == 1)
            loop_block_product(lanes, out, distance, s.rows, s.columns, u, v, s.depth, given, bias);
        else
            loop_block_products(lanes, out, distance, s.rows, s.columns, u, group_distance, v, block_distance, s.depth, given, bias);
        for (size_t here = 0; here < all; here++) {
            size_t r = here / distance, n = here % distance;
            if (n >= s.columns) {
                same(out[here], before[here]);
                continue;
            }
            sum total = {0};
            if (given) add(&total, summand[here]);
            if (bias) add(&total, bias[r]);
            for (size_t k = 0; k < s.depth; k++) add(&total, (double)u[place(k, r, ROWS, group_distance)] * v[place(k, n, COLUMNS, block_distance)]);
            near(out[here], total, 8);
        }
    }
    forget();
}

void check_product(void) {
    static const size_t counts[] = {1, 7, 8, 9, 31, 32, 33, 70};
    for (size_t k = 0; k < COUNT(counts); k++) {
        layouts(1, counts[k]);
        layouts(3, counts[k]);
        for (size_t rows = 1; rows <= ROWS; rows += k % 2 ? 1 : 7) rows_of(rows, counts[k]);
    }
    static const size_t sizes[][3] = {{8, 32, 37}, {8, 16, 9}, {8, 17, 5}, {8, 15, 4},   {3, 32, 1},  {5, 16, 2},
                                      {1, 1, 1},   {8, 32, 0}, {7, 31, 3}, {8, 32, 300}, {19, 75, 6}, {16, 64, 33}};
    for (size_t k = 0; k < COUNT(sizes); k++)
        for (int adds = 0; adds < 4; adds++) product((shape){sizes[k][0], sizes[k][1], sizes[k][2], adds});
}
