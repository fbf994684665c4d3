// Row-wise JPEG and PNG, memory in and memory out, over libjpeg and libpng.
//
// Both libraries report errors by longjmp, which must never cross a Swift frame. Every function here sets its own
// landing place, and an error comes back as a status with a reason in words. A reader allocates nothing that grows with the
// picture before its first row is asked for, so the caller can hold `layout` against its limits first.
//
// A reader or writer is used by one thread at a time. Refuses: files, pipes, colour management, resizing.
#ifndef FIDEDIFF_CCODECS_H
#define FIDEDIFF_CCODECS_H

#include <stddef.h>
#include <stdint.h>

typedef enum ccodecs_status {
    CCODECS_OK = 0,
    CCODECS_CORRUPT = 1,      // the stream breaks its own format, or ends early
    CCODECS_UNSUPPORTED = 2,  // valid perhaps, but not something this codec reads or writes
    CCODECS_NO_MEMORY = 3,
} ccodecs_status;

// What a row holds: width * channels samples, interleaved, of 8 or 16 bits (16 in the machine's byte order).
typedef struct ccodecs_layout {
    uint32_t width, height;
    int channels;    // 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA
    int bit_depth;   // 8 or 16
    int from_cmyk;   // JPEG: the file holds CMYK or YCCK; the rows are RGB all the same
    int chroma_h;    // JPEG with YCbCr: luma samples for each chroma sample, across and down; otherwise 1
    int chroma_v;
} ccodecs_layout;

// A picture being read. Rows come from the top, each once; read_row fills width * channels samples, finish reads to the end
// of the stream, so that damage behind the last row is found too. After any status but CCODECS_OK only `close` may be called.
typedef struct ccodecs_reader {
    ccodecs_layout layout;
    const char *reason;      // why the last call failed; owned by the reader
    const uint8_t *icc;      // PNG: the iCCP profile, owned by the reader; NULL when there is none
    size_t icc_count;
    ccodecs_status (*read_row)(struct ccodecs_reader *reader, void *row);
    ccodecs_status (*finish)(struct ccodecs_reader *reader);
    void (*close)(struct ccodecs_reader *reader);
} ccodecs_reader;

// Reads the header. `*reader` is NULL only after CCODECS_NO_MEMORY; otherwise it holds the layout or the reason, and must be
// closed. `bytes` must stay where they are until then.
ccodecs_status ccodecs_open_jpeg(const uint8_t *bytes, size_t count, ccodecs_reader **reader);
ccodecs_status ccodecs_open_png(const uint8_t *bytes, size_t count, ccodecs_reader **reader);

// A picture being written. finish hands the file over: the caller frees `*bytes` with free().
typedef struct ccodecs_writer {
    ccodecs_layout layout;
    const char *reason;
    ccodecs_status (*write_row)(struct ccodecs_writer *writer, const void *row);
    ccodecs_status (*finish)(struct ccodecs_writer *writer, uint8_t **bytes, size_t *count);
    void (*close)(struct ccodecs_writer *writer);
} ccodecs_writer;

// `exif` is a TIFF block without the "Exif\0\0" prefix; `exif` and `icc` may be NULL. They are copied or written at once.
// JPEG takes 1 or 3 channels of 8 bits and a quality from 1 to 100; its exif may have at most CCODECS_JPEG_EXIF_MAX bytes,
// its icc CCODECS_JPEG_ICC_MAX. PNG takes every layout.
#define CCODECS_JPEG_EXIF_MAX 65527  // 65535 - 2 of length - 6 of "Exif\0\0" (JPEG B.1.1.4, Exif 4.7.2)
#define CCODECS_JPEG_ICC_MAX (255 * 65519)  // 255 chunks of 65535 - 2 - 14 of prefix (ICC.1 B.4)
ccodecs_status ccodecs_create_jpeg(ccodecs_layout layout, int quality, const uint8_t *exif, size_t exif_count,
                                   const uint8_t *icc, size_t icc_count, ccodecs_writer **writer);
ccodecs_status ccodecs_create_png(ccodecs_layout layout, const uint8_t *exif, size_t exif_count,
                                  const uint8_t *icc, size_t icc_count, ccodecs_writer **writer);

#endif
