// The heap under the layers' results.
#include "internal.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

// Before there is a second thread: all use the one heap. glibc would give each its own, of which the end is never given back
// (malloc_trim trims the first alone), so that a picture's memory stayed with every thread that ever worked on one: 33 MiB in use, 180 MiB
// resident, and up to eight such heaps for each core.
__attribute__((constructor)) static void share_one_heap(void) {
#if defined(__GLIBC__)
    mallopt(M_ARENA_MAX, 1);
#endif
}

// Memory of a large array goes back to Linux as soon as it is freed, and comes zeroed, page by page, for the next: a third of the time of a
// wide layer. Kept in the heap it is used again.
void loop_keep_freed_memory(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

void loop_give_back_freed_memory(void) {
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}
