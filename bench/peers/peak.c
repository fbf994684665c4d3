// The processor's multiply-add rate in float32: independent sums in registers, nothing in memory. Prints GMAC/s of THREADS threads.
// cc -O3 -march=native -pthread peak.c -o peak && ./peak THREADS
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
enum { LANES = 16 };
#elif defined(__AVX__)
enum { LANES = 8 };
#else
enum { LANES = 4 };
#endif
typedef float vector __attribute__((vector_size(4 * LANES)));
enum { SUMS = 12, STEPS = 100000000 };

static void *work(void *sink) {
    vector sums[SUMS], factor;
    for (int l = 0; l < LANES; l++) factor[l] = 0.999f;
    for (int s = 0; s < SUMS; s++) sums[s] = factor * (float)s;
    for (long i = 0; i < STEPS; i++) {
        for (int s = 0; s < SUMS; s++) sums[s] = sums[s] * factor + factor;
        __asm__ volatile("" : "+v"(factor));
    }
    for (int s = 0; s < SUMS; s++) *(volatile float *)sink = sums[s][0]; // or nothing of it would be computed
    return NULL;
}

int main(int argc, char **argv) {
    int threads = argc > 1 ? atoi(argv[1]) : 1;
    pthread_t *ids = malloc(sizeof *ids * (size_t)threads);
    float *sinks = malloc(sizeof *sinks * (size_t)threads);
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    for (int i = 0; i < threads; i++) pthread_create(&ids[i], NULL, work, &sinks[i]);
    for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double seconds = (double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec);
    printf("%.1f\n", 1e-9 * LANES * SUMS * (double)STEPS * threads / seconds);
    free(ids);
    free(sinks);
    return 0;
}
