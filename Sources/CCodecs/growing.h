// The bytes of a file being written, in one block that doubles when full. Owned by one writer.
#ifndef FIDEDIFF_GROWING_H
#define FIDEDIFF_GROWING_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct growing {
    uint8_t *bytes;
    size_t count, capacity;
} growing;

// Returns 0, leaving everything as it was, when there is no memory.
static inline int growing_append(growing *file, const void *bytes, size_t count) {
    if (count > file->capacity - file->count) {
        size_t capacity = file->capacity < 65536 ? 65536 : file->capacity * 2;
        while (capacity - file->count < count) capacity *= 2;
        uint8_t *larger = realloc(file->bytes, capacity);
        if (!larger) return 0;
        file->bytes = larger;
        file->capacity = capacity;
    }
    memcpy(file->bytes + file->count, bytes, count);
    file->count += count;
    return 1;
}

#endif
