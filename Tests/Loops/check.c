// Holds every loop of CLoops, as this processor runs it, against its definition in double precision. Prints the number of values and the largest
// error; exit status 1, and a line for each call that is wrong.
#include "check.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// ---- comparisons -----------------------------------------------------------------------------

static char label[128], worst_label[128];
static size_t values, faults, faults_here;
static double worst, worst_here, error_here, limit_here;

static void finish(void) {
    if (faults_here) printf("%s: %zu values wrong, largest error %g, limit %g\n", label, faults_here, error_here, limit_here);
    faults += faults_here;
    if (worst_here > worst) {
        worst = worst_here;
        memcpy(worst_label, label, sizeof label);
    }
    faults_here = 0;
    worst_here = 0.0;
}

void at(const char *format, ...) {
    finish();
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(label, sizeof label, format, arguments);
    va_end(arguments);
}

static void record(double error, double limit) {
    values++;
    double part = error <= limit ? limit > 0.0 ? error / limit : 0.0 : INFINITY;
    if (part == INFINITY) {
        if (!faults_here++ || !(error <= error_here)) error_here = error, limit_here = limit;
    } else if (part > worst_here) {
        worst_here = part;
    }
}

void near(double value, sum reference, double limit) {
    if (!isfinite(reference.value))
        record(isfinite(value) ? INFINITY : 0.0, 0.0);
    else // half the least subnormal may always be lost
        record(fabs(value - reference.value), limit * (0x1p-24 * reference.size + 0x1p-150));
}

void same(float value, float reference) {
    bool equal = memcmp(&value, &reference, sizeof value) == 0 || (isnan(value) && isnan(reference));
    record(equal ? 0.0 : fmax(fabs((double)value - (double)reference), 0x1p-149), 0.0); // zeros of two signs differ too
}

void same_bits(uint64_t value, uint64_t reference) { record(value == reference ? 0.0 : INFINITY, 0.0); }

double activated(double x, int activation) {
    return activation == LOOP_RELU ? fmax(x, 0.0) : activation == LOOP_SILU ? x / (1.0 + exp(-x)) : x;
}

// ---- arrays ----------------------------------------------------------------------------------

enum { ARRAYS = 64, WATCHED = 0xa5 };
static struct {
    uint8_t *pages, *bytes, *end;
    size_t length;
} arrays[ARRAYS];
static size_t used, slack;

static void fail(const char *what) {
    printf("%s: %s\n", label, what);
    exit(1);
}

static void outside(int signal) {
    (void)signal;
    fail("touches what is not in its arrays");
}

void *room(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + slack + 64 + page - 1) / page * page; // at least 64 watched bytes before it
    uint8_t *pages = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (used == ARRAYS || pages == MAP_FAILED || mprotect(pages + whole, page, PROT_NONE)) fail("no room");
    memset(pages, WATCHED, whole);
    arrays[used].pages = pages;
    arrays[used].end = pages + whole - slack;
    arrays[used].bytes = arrays[used].end - bytes;
    arrays[used].length = whole + page;
    return arrays[used++].bytes;
}

void forget(void) {
    for (; used > 0; used--) {
        for (uint8_t *p = arrays[used - 1].pages; p < arrays[used - 1].bytes; p++)
            if (*p != WATCHED) fail("writes before its array");
        for (size_t i = 0; i < slack; i++)
            if (arrays[used - 1].end[i] != WATCHED) fail("writes behind its array");
        munmap(arrays[used - 1].pages, arrays[used - 1].length);
    }
}

uint32_t random_bits(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u; // Knuth's MMIX; the upper half is random enough
    return (uint32_t)(state >> 32);
}

float *numbers(size_t n) {
    float *x = room(n * sizeof(float));
    for (size_t i = 0; i < n; i++) x[i] = (float)(int32_t)random_bits() * 0x1p-31f;
    return x;
}

float *extremes(size_t n) {
    static const float all[] = {0.0f,      -0.0f, 1e-40f,   -1e-40f,   0x1p-126f, 3.4028234e38f, -3.4028234e38f, INFINITY, -INFINITY,
                                NAN,       1.0f,  -1.0f,    87.5f,     -87.5f,    88.5f,         -88.5f,         104.0f,   -104.0f,
                                1e-20f,    5.0f,  -5.0f,    20.0f,     -20.0f};
    float *x = numbers(n);
    for (size_t i = 0; i < n; i++) x[i] = random_bits() & 0x80000000u ? 8.0f * x[i] : all[random_bits() % COUNT(all)];
    return x;
}

float *copy(const float *x, size_t n) { return memcpy(room(n * sizeof(float)), x, n * sizeof(float)); }

// ---- all -------------------------------------------------------------------------------------

// Argument: bytes behind each array that may be read, 0 without.
int main(int count, char **arguments) {
    if (count > 1) slack = (size_t)atoi(arguments[1]);
    signal(SIGSEGV, outside);
    check_elementwise();
    check_normalise();
    check_softmax();
    check_product();
    check_winograd();
    check_resample();
    check_autocorrelate();
    check_convert();
    finish();
    // The place of the clone that the loader picked, from which the script finds its name.
    extern const char __executable_start[];
    printf("%zx %zu values, largest error %.2f of its limit (%s), products by vectors of %zu\n", (size_t)((const char *)loop_add - __executable_start),
           values, worst, worst_label, loop_block_lanes());
    return faults > 0;
}
