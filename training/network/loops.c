// The hot loops of a training step on a CPU: 3x3 convolution by Winograd's F(4x4, 3x3) with both its gradients, and normalisation of each position with SiLU.
//
// All arrays are float32 and channels-last: pictures [B, H, W, C], weights [out, 3, 3, in]. Channels are multiples of 16. One thread; the work of a call is cut
// into blocks of tiles, so that what a block's products need stays in the cache. Matrices: Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2016. fast.py compiles this file where it runs and holds it against PyTorch's own convolution.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __AVX512F__
#define LANES 16
#define ROWS 12
#else
#define LANES 8
#define ROWS 6
#endif
#define VECTORS (16 / LANES)

typedef float vec __attribute__((vector_size(LANES * 4), aligned(4)));
#define LOAD(p) (*(const vec *)(p))
#define STORE(p, v) (*(vec *)(p) = (v))
#define INLINE static inline __attribute__((always_inline))

// c[i][0..16] += sum over k < depth of a[k * a_k + i * a_i] * b[k * b_k + 0..16], i < rows
INLINE void product_rows(int rows, int depth, const float *a, int a_k, int a_i, const float *b, int b_k, float *c, int c_i, int adds) {
    vec sums[ROWS][VECTORS];
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < VECTORS; v++) sums[i][v] = adds ? LOAD(c + i * c_i + v * LANES) : (vec){};
    for (int k = 0; k < depth; k++) {
        vec right[VECTORS];
        for (int v = 0; v < VECTORS; v++) right[v] = LOAD(b + (long)k * b_k + v * LANES);
        for (int i = 0; i < rows; i++) {
            float left = a[(long)k * a_k + i * a_i];
            for (int v = 0; v < VECTORS; v++) sums[i][v] += right[v] * left;
        }
    }
    for (int i = 0; i < rows; i++)
        for (int v = 0; v < VECTORS; v++) STORE(c + i * c_i + v * LANES, sums[i][v]);
}

// c [m, n] = a b, or += where it adds; a[k * a_k + i * a_i], b [depth, n]
INLINE void product(int m, int n, int depth, const float *a, int a_k, int a_i, const float *b, float *c, int adds) {
    for (int j = 0; j < n; j += 16) {
        int i = 0;
        for (; i + ROWS <= m; i += ROWS) product_rows(ROWS, depth, a + i * a_i, a_k, a_i, b + j, n, c + i * n + j, n, adds);
        for (; i + 4 <= m; i += 4) product_rows(4, depth, a + i * a_i, a_k, a_i, b + j, n, c + i * n + j, n, adds);
        for (; i < m; i++) product_rows(1, depth, a + i * a_i, a_k, a_i, b + j, n, c + i * n + j, n, adds);
    }
}

// B^T d of six values.
INLINE void input_row(const vec d[6], vec o[6]) {
    vec a = d[4] - d[2] * 4, b = d[3] - d[1] * 4, c = d[4] - d[2], e = (d[3] - d[1]) * 2;
    o[0] = d[0] * 4 - d[2] * 5 + d[4];
    o[1] = a + b;
    o[2] = a - b;
    o[3] = c + e;
    o[4] = c - e;
    o[5] = d[1] * 4 - d[3] * 5 + d[5];
}

// A^T m of six values.
INLINE void output_row(const vec m[6], vec o[4]) {
    vec a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], e = m[3] - m[4];
    o[0] = m[0] + a + c;
    o[1] = b + e * 2;
    o[2] = a + c * 4;
    o[3] = b + e * 8 + m[5];
}

// A d of four values: what the transpose of the output's transform makes of a gradient.
INLINE void gradient_row(const vec d[4], vec o[6]) {
    vec a = d[0] + d[2], b = d[1] + d[3], c = d[0] + d[2] * 4, e = d[1] * 2 + d[3] * 8;
    o[0] = d[0];
    o[1] = a + b;
    o[2] = a - b;
    o[3] = c + e;
    o[4] = c - e;
    o[5] = d[3];
}

typedef struct { int height, width, rows, columns, count, block; } Grid;

// Tiles of 4 x 4 outputs, `block` at a time, a multiple of ROWS. Wide layers take larger blocks, since each streams all of the transformed weights once.
static Grid grid_of(int batch, int height, int width, int in, int out) {
    int rows = (height + 3) / 4, columns = (width + 3) / 4, count = batch * rows * columns, block = in + out < 300 ? 48 : 96;
    return (Grid){height, width, rows, columns, count, block};
}

// Pointers to size x size positions from (-margin, -margin) of a tile on; beyond the picture to `outside`.
static void positions(const float *x, int channels, Grid g, int tile, int size, int margin, const float *outside, const float **at) {
    int b = tile / (g.rows * g.columns), y0 = tile / g.columns % g.rows * 4 - margin, x0 = tile % g.columns * 4 - margin;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) {
            int y = y0 + i, z = x0 + j, inside = y >= 0 && z >= 0 && y < g.height && z < g.width;
            at[i * size + j] = inside ? x + (((long)b * g.height + y) * g.width + z) * channels : outside;
        }
}

// V [36, g.block, C]: B^T d B of `count` tiles from `first` on
static void transform_input(const float *x, int channels, Grid g, int first, int count, const float *outside, float *v) {
    const float *at[36];
    for (int t = 0; t < count; t++) {
        positions(x, channels, g, first + t, 6, 1, outside, at);
        for (int c = 0; c < channels; c += LANES) {
            vec d[6], half[6][6], column[6], o[6];
            for (int i = 0; i < 6; i++) {
                for (int j = 0; j < 6; j++) d[j] = LOAD(at[i * 6 + j] + c);
                input_row(d, half[i]);
            }
            for (int j = 0; j < 6; j++) {
                for (int i = 0; i < 6; i++) column[i] = half[i][j];
                input_row(column, o);
                for (int i = 0; i < 6; i++) STORE(v + ((i * 6 + j) * g.block + t) * (long)channels + c, o[i]);
            }
        }
    }
}

// D [36, g.block, C]: A dy A^T
static void transform_gradient(const float *dy, int channels, Grid g, int first, int count, const float *outside, float *d) {
    const float *at[16];
    for (int t = 0; t < count; t++) {
        positions(dy, channels, g, first + t, 4, 0, outside, at);
        for (int c = 0; c < channels; c += LANES) {
            vec row[4], half[4][6], column[4], o[6];
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j < 4; j++) row[j] = LOAD(at[i * 4 + j] + c);
                gradient_row(row, half[i]);
            }
            for (int j = 0; j < 6; j++) {
                for (int i = 0; i < 4; i++) column[i] = half[i][j];
                gradient_row(column, o);
                for (int i = 0; i < 6; i++) STORE(d + ((i * 6 + j) * g.block + t) * (long)channels + c, o[i]);
            }
        }
    }
}

// y = A^T M A + bias of the tiles; bias [B, C]
static void transform_output(const float *m, const float *bias, int channels, Grid g, int first, int count, float *y) {
    for (int t = 0; t < count; t++) {
        int tile = first + t, b = tile / (g.rows * g.columns), y0 = tile / g.columns % g.rows * 4, x0 = tile % g.columns * 4;
        int high = g.height - y0 < 4 ? g.height - y0 : 4, wide = g.width - x0 < 4 ? g.width - x0 : 4;
        for (int c = 0; c < channels; c += LANES) {
            vec column[6], half[4][6], o[4], plus = bias ? LOAD(bias + (long)b * channels + c) : (vec){};
            for (int j = 0; j < 6; j++) {
                vec part[4];
                for (int i = 0; i < 6; i++) column[i] = LOAD(m + ((i * 6 + j) * g.block + t) * (long)channels + c);
                output_row(column, part);
                for (int i = 0; i < 4; i++) half[i][j] = part[i];
            }
            for (int i = 0; i < high; i++) {
                output_row(half[i], o);
                float *to = y + (((long)b * g.height + y0 + i) * g.width + x0) * channels + c;
                for (int j = 0; j < wide; j++) STORE(to + (long)j * channels, o[j] + plus);
            }
        }
    }
}

static void *room(long floats) {
    void *p = aligned_alloc(64, (floats * 4 + 63) / 64 * 64);
    if (p) memset(p, 0, floats * 4);
    return p;
}

static const float G[6][3] = {{.25f, 0, 0}, {-1 / 6.f, -1 / 6.f, -1 / 6.f}, {-1 / 6.f, 1 / 6.f, -1 / 6.f}, {1 / 24.f, 1 / 12.f, 1 / 6.f}, {1 / 24.f, -1 / 12.f, 1 / 6.f}, {0, 0, 1}};

// U [36, in, out] = G g G^T of w [out, 3, 3, in]; turned: [36, out, in] of the kernel turned by a half, for the gradient of the input
void winograd_weights(const float *w, int out, int in, int turned, float *u) {
    float square[36][16][16];      // [out, in]
    for (int o0 = 0; o0 < out; o0 += 16)
        for (int i0 = 0; i0 < in; i0 += 16) {
            for (int o = 0; o < 16; o++)
                for (int i = 0; i < 16; i += LANES) {
                    vec g[3][3], half[6][3];
                    for (int tap = 0; tap < 9; tap++) g[tap / 3][tap % 3] = LOAD(w + ((long)(o0 + o) * 9 + (turned ? 8 - tap : tap)) * in + i0 + i);
                    for (int a = 0; a < 6; a++)
                        for (int x = 0; x < 3; x++) half[a][x] = g[0][x] * G[a][0] + g[1][x] * G[a][1] + g[2][x] * G[a][2];
                    for (int a = 0; a < 6; a++)
                        for (int b = 0; b < 6; b++) STORE(&square[a * 6 + b][o][i], half[a][0] * G[b][0] + half[a][1] * G[b][1] + half[a][2] * G[b][2]);
                }
            for (int p = 0; p < 36; p++)
                for (int r = 0; r < 16; r++)
                    for (int c = 0; c < 16; c++) {
                        if (turned) u[((long)p * out + o0 + r) * in + i0 + c] = square[p][r][c];
                        else u[((long)p * in + i0 + r) * out + o0 + c] = square[p][c][r];
                    }
        }
}

// dw [out, 3, 3, in] = G^T dU G, dU [36, in, out]
static void weight_gradient(const float *du, int out, int in, float *dw) {
    float square[9][16][16];       // [in, out]
    for (int i0 = 0; i0 < in; i0 += 16)
        for (int o0 = 0; o0 < out; o0 += 16) {
            for (int i = 0; i < 16; i++)
                for (int o = 0; o < 16; o += LANES) {
                    vec half[3][6];
                    for (int b = 0; b < 6; b++)
                        for (int y = 0; y < 3; y++) {
                            vec sum = {};
                            for (int a = 0; a < 6; a++) sum += LOAD(du + ((long)(a * 6 + b) * in + i0 + i) * out + o0 + o) * G[a][y];
                            half[y][b] = sum;
                        }
                    for (int tap = 0; tap < 9; tap++) {
                        vec sum = {};
                        for (int b = 0; b < 6; b++) sum += half[tap / 3][b] * G[b][tap % 3];
                        STORE(&square[tap][i][o], sum);
                    }
                }
            for (int o = 0; o < 16; o++)
                for (int tap = 0; tap < 9; tap++)
                    for (int i = 0; i < 16; i++) dw[((long)(o0 + o) * 9 + tap) * in + i0 + i] = square[tap][i][o];
        }
}

// y [B, H, W, out] = x [B, H, W, in] * w, padded by one; u of winograd_weights, bias [B, out] or NULL. 0, or -1 without memory
int winograd_forward(const float *x, const float *u, const float *bias, float *y, int batch, int height, int width, int in, int out) {
    Grid g = grid_of(batch, height, width, in, out);
    float *v = room(36L * g.block * in), *m = room(36L * g.block * out), *outside = room(in);
    int failed = !v || !m || !outside;
    for (int first = 0; !failed && first < g.count; first += g.block) {
        int count = g.count - first < g.block ? g.count - first : g.block, rows = (count + ROWS - 1) / ROWS * ROWS;
        transform_input(x, in, g, first, count, outside, v);
        for (int p = 0; p < 36; p++)
            product(rows, out, in, v + (long)p * g.block * in, 1, in, u + (long)p * in * out, m + (long)p * g.block * out, 0);
        transform_output(m, bias, out, g, first, count, y);
    }
    free(v), free(m), free(outside);
    return -failed;
}

// dw [out, 3, 3, in] of x [B, H, W, in] and dy [B, H, W, out]. 0, or -1 without memory
int winograd_weight_gradient(const float *x, const float *dy, float *dw, int batch, int height, int width, int in, int out) {
    Grid g = grid_of(batch, height, width, in, out);
    float *v = room(36L * g.block * in), *d = room(36L * g.block * out), *du = room(36L * in * out), *outside = room(in > out ? in : out);
    int failed = !v || !d || !du || !outside;
    for (int first = 0; !failed && first < g.count; first += g.block) {
        int count = g.count - first < g.block ? g.count - first : g.block;
        transform_input(x, in, g, first, count, outside, v);
        transform_gradient(dy, out, g, first, count, outside, d);
        for (int p = 0; p < 36; p++)
            product(in, out, count, v + (long)p * g.block * in, in, 1, d + (long)p * g.block * out, du + (long)p * in * out, 1);
    }
    if (!failed) weight_gradient(du, out, in, dw);
    free(v), free(d), free(du), free(outside);
    return -failed;
}

INLINE void row_moments(const float *x, int channels, float eps, float *mean, float *scale) {
    float sum = 0, squares = 0;
    for (int c = 0; c < channels; c++) sum += x[c];
    *mean = sum / channels;
    for (int c = 0; c < channels; c++) squares += (x[c] - *mean) * (x[c] - *mean);
    *scale = 1 / sqrtf(squares / channels + eps);
}

// y = silu(normalised x * weight + bias) of each of `rows` positions [channels]
void norm_silu_forward(const float *x, const float *weight, const float *bias, float eps, long rows, int channels, float *y) {
    for (long r = 0; r < rows; r++, x += channels, y += channels) {
        float mean, scale;
        row_moments(x, channels, eps, &mean, &scale);
        for (int c = 0; c < channels; c++) {
            float a = (x[c] - mean) * scale * weight[c] + bias[c];
            y[c] = a / (1 + expf(-a));
        }
    }
}

// dx, and dweight and dbias [channels], which must be 0 before, from dy; the rest is computed anew from x
void norm_silu_backward(const float *x, const float *weight, const float *bias, float eps, long rows, int channels, const float *dy, float *dx, float *dweight, float *dbias) {
    float *h = room(2 * channels), *da = h + channels;
    for (long r = 0; r < rows; r++, x += channels, dy += channels, dx += channels) {
        float mean, scale, sum = 0, product = 0;
        row_moments(x, channels, eps, &mean, &scale);
        for (int c = 0; c < channels; c++) {
            float n = (x[c] - mean) * scale, a = n * weight[c] + bias[c], s = 1 / (1 + expf(-a)), d = dy[c] * s * (1 + a * (1 - s));
            dweight[c] += d * n;
            dbias[c] += d;
            h[c] = n;
            da[c] = d * weight[c];
            sum += da[c];
            product += da[c] * n;
        }
        sum /= channels, product /= channels;
        for (int c = 0; c < channels; c++) dx[c] = scale * (da[c] - sum - h[c] * product);
    }
    free(h);
}

// What a core can do: `times` rounds of 16 independent vectors of multiply-adds. Returns how many multiply-adds that were; `sink` keeps the compiler from leaving them out.
long multiply_adds(long times, float *sink) {
    vec sums[16], factor = {}, addend = {};
    factor += sink[0], addend += sink[1];
    for (int i = 0; i < 16; i++) sums[i] = factor + (float)i;
    for (long t = 0; t < times; t++)
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) sums[i] = sums[i] * factor + addend;
    for (int i = 1; i < 16; i++) sums[0] += sums[i];
    STORE(sink, sums[0]);
    return times * 16 * LANES;
}
