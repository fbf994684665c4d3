/* Mean over instants of moving layers, composited front to back at each instant: what the sensor adds up. */
typedef float v4 __attribute__((vector_size(16), aligned(4), may_alias));

/* layers [L][N][N][4]: linear red, green, blue times alpha, alpha; layer 0 is opaque. coefficients [L][T][4][2]: displacement dx, dy = c0 + c1 u + c2 v + c3 u v,
   u, v in 0..1 over the S x S picture in the canvas' middle. box [L][4]: top, bottom, left, right of what is not transparent, bounds included.
   out [S][S][4] and share [L][S/cell][S/cell] come zeroed; share gets each layer's sum of visibility over pixels and instants. */
void render(int L, int T, int S, int N, int cell, const float *layers, const float *coefficients, const int *box, float *out, float *share) {
    const float most = N - 1.001f, unit = 1.0f / T;
    const int margin = (N - S) / 2, cells = S / cell;
    for (int y = 0; y < S; y++) {
        const float v = (y + 0.5f) / S;
        v4 *row = (v4 *)(out + (long)y * S * 4);
        for (int t = 0; t < T; t++) {
            float ax[16], bx[16], ay[16], by[16];
            for (int l = 0; l < L; l++) {
                const float *c = coefficients + ((long)l * T + t) * 8;
                ax[l] = c[0] + v * c[4] + margin, bx[l] = c[2] + v * c[6];
                ay[l] = c[1] + v * c[5] + margin + y, by[l] = c[3] + v * c[7];
            }
            for (int x = 0; x < S; x++) {
                const float u = (x + 0.5f) / S;
                v4 sum = {0, 0, 0, 0};
                float left = unit;
                for (int l = L - 1; l >= 0; l--) {
                    float px = x + ax[l] + u * bx[l], py = ay[l] + u * by[l];
                    px = px < 0 ? 0 : px > most ? most : px;
                    py = py < 0 ? 0 : py > most ? most : py;
                    const int ix = (int)px, iy = (int)py;
                    const int *b = box + 4 * l;
                    if (iy < b[0] - 1 || iy > b[1] || ix < b[2] - 1 || ix > b[3]) continue;
                    const float fx = px - ix, fy = py - iy;
                    const float *p = layers + (((long)l * N + iy) * N + ix) * 4, *q = p + (long)N * 4;
                    const v4 a0 = *(const v4 *)p, a1 = *(const v4 *)(p + 4), b0 = *(const v4 *)q, b1 = *(const v4 *)(q + 4);
                    const v4 top = a0 + fx * (a1 - a0), bottom = b0 + fx * (b1 - b0);
                    const v4 seen = top + fy * (bottom - top);
                    sum += left * seen;
                    if (L == 1) break;
                    const float alpha = seen[3];
                    share[((long)l * cells + y / cell) * cells + x / cell] += left * alpha;
                    left *= 1 - alpha;
                    if (left < 1e-5f * unit) break;
                }
                row[x] += sum;
            }
        }
    }
}
