// PNG (ISO/IEC 15948) through libpng. Palettes come out as RGB, 1, 2 and 4 bits as 8, tRNS as alpha, 16 bits as they are.
//
// Every ancillary chunk but tRNS and iCCP is skipped unread, so that a text chunk of a few bytes cannot unpack to gigabytes. An
// interlaced picture is the one case that needs itself whole in memory beside the caller's copy (Adam7 visits each row up to seven times).

#include "ccodecs.h"
#include "growing.h"

#include <setjmp.h>
#include <stdio.h>
#include <png.h>

// No camera's or display's profile is larger; an iCCP chunk that unpacks to more is dropped.
#define MAX_CHUNK_BYTES (16u << 20)

typedef struct escape {
    jmp_buf landing;
    ccodecs_status status;
    char reason[256];
} escape;

static void leave(escape *self, ccodecs_status status, const char *reason) {
    self->status = status;
    snprintf(self->reason, sizeof self->reason, "%s", reason);
    longjmp(self->landing, 1);
}

static void on_error(png_structp png, png_const_charp message) {
    const int memory = strstr(message, "ut of memory") || strstr(message, "nsufficient memory");
    leave(png_get_error_ptr(png), memory ? CCODECS_NO_MEMORY : CCODECS_CORRUPT, message);
}

// Warnings are about ancillary chunks, which may be bad without harm to a pixel; those about IDAT say that the pixels' checksum is wrong
// or that the compressed data has no end.
static void on_warning(png_structp png, png_const_charp message) {
    if (strncmp(message, "IDAT", 4) == 0) leave(png_get_error_ptr(png), CCODECS_CORRUPT, message);
}

static int is_little_endian(void) {
    const uint16_t one = 1;
    return *(const uint8_t *)&one;
}

// MARK: Reading

typedef struct png_reader {
    ccodecs_reader base;  // first: a ccodecs_reader * is a png_reader *
    escape escape;
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t count, position;
    size_t row_bytes;
    uint8_t *whole;       // height * row_bytes, interlaced pictures only
    uint32_t next_row;
} png_reader;

static void pull(png_structp png, png_bytep target, size_t count) {
    png_reader *self = png_get_io_ptr(png);
    if (count > self->count - self->position) png_error(png, "the file ends early");
    memcpy(target, self->bytes + self->position, count);
    self->position += count;
}

static void bound_memory(png_structp png) {
    png_set_user_limits(png, 0x7fffffff, 0x7fffffff);  // the caller's limit is on pixels
    png_set_chunk_malloc_max(png, MAX_CHUNK_BYTES);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);  // all that are ancillary, but tRNS
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep)"iCCP", 1);
    png_set_option(png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
}

static ccodecs_status read_header(png_reader *self) {
    if (setjmp(self->escape.landing)) return self->escape.status;
    self->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &self->escape, on_error, on_warning);
    if (!self->png) return CCODECS_NO_MEMORY;
    self->info = png_create_info_struct(self->png);
    if (!self->info) return CCODECS_NO_MEMORY;
    png_set_read_fn(self->png, self, pull);
    bound_memory(self->png);
    png_read_info(self->png, self->info);

    png_set_expand(self->png);
    if (is_little_endian()) png_set_swap(self->png);
    png_set_interlace_handling(self->png);
    png_read_update_info(self->png, self->info);

    self->base.layout = (ccodecs_layout){
        .width = png_get_image_width(self->png, self->info), .height = png_get_image_height(self->png, self->info),
        .channels = png_get_channels(self->png, self->info), .bit_depth = png_get_bit_depth(self->png, self->info),
        .chroma_h = 1, .chroma_v = 1};
    self->row_bytes = png_get_rowbytes(self->png, self->info);

    png_charp name;
    int compression;
    png_bytep profile;
    png_uint_32 profile_count;
    if (png_get_iCCP(self->png, self->info, &name, &compression, &profile, &profile_count)) {
        self->base.icc = profile;
        self->base.icc_count = profile_count;
    }
    return CCODECS_OK;
}

static void read_interlaced(png_reader *self) {
    const size_t height = self->base.layout.height;
    self->whole = calloc(height, self->row_bytes);
    if (!self->whole) leave(&self->escape, CCODECS_NO_MEMORY, "no memory for an interlaced picture");
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
        for (size_t y = 0; y < height; y++) png_read_row(self->png, self->whole + y * self->row_bytes, NULL);
}

static ccodecs_status read_row(ccodecs_reader *reader, void *row) {
    png_reader *self = (png_reader *)reader;
    if (setjmp(self->escape.landing)) return self->escape.status;
    if (png_get_interlace_type(self->png, self->info) == PNG_INTERLACE_NONE) {
        png_read_row(self->png, row, NULL);
        return CCODECS_OK;
    }
    if (!self->whole) read_interlaced(self);
    memcpy(row, self->whole + self->next_row++ * self->row_bytes, self->row_bytes);
    return CCODECS_OK;
}

static ccodecs_status finish_reading(ccodecs_reader *reader) {
    png_reader *self = (png_reader *)reader;
    if (setjmp(self->escape.landing)) return self->escape.status;
    png_read_end(self->png, NULL);
    return CCODECS_OK;
}

static void close_reader(ccodecs_reader *reader) {
    png_reader *self = (png_reader *)reader;
    png_destroy_read_struct(&self->png, &self->info, NULL);
    free(self->whole);
    free(self);
}

ccodecs_status ccodecs_open_png(const uint8_t *bytes, size_t count, ccodecs_reader **reader) {
    png_reader *self = calloc(1, sizeof *self);
    *reader = (ccodecs_reader *)self;
    if (!self) return CCODECS_NO_MEMORY;
    self->base.read_row = read_row;
    self->base.finish = finish_reading;
    self->base.close = close_reader;
    self->base.reason = self->escape.reason;
    self->bytes = bytes;
    self->count = count;
    return read_header(self);
}

// MARK: Writing

typedef struct png_writer {
    ccodecs_writer base;  // first
    escape escape;
    png_structp png;
    png_infop info;
    growing file;
} png_writer;

static void push(png_structp png, png_bytep bytes, size_t count) {
    png_writer *self = png_get_io_ptr(png);
    if (!growing_append(&self->file, bytes, count)) png_error(png, "out of memory");
}

static void flush_nothing(png_structp png) { (void)png; }

static ccodecs_status write_header(png_writer *self, const uint8_t *exif, size_t exif_count, const uint8_t *icc, size_t icc_count) {
    static const int colour_types[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
    const ccodecs_layout *layout = &self->base.layout;
    if (setjmp(self->escape.landing)) return self->escape.status;
    self->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &self->escape, on_error, on_warning);
    if (!self->png) return CCODECS_NO_MEMORY;
    self->info = png_create_info_struct(self->png);
    if (!self->info) return CCODECS_NO_MEMORY;
    png_set_write_fn(self->png, self, push, flush_nothing);
    png_set_benign_errors(self->png, 1);  // a profile that libpng thinks odd is left out, and the picture written
    png_set_option(self->png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
    png_set_user_limits(self->png, 0x7fffffff, 0x7fffffff);
    png_set_IHDR(self->png, self->info, layout->width, layout->height, layout->bit_depth, colour_types[layout->channels],
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (icc) png_set_iCCP(self->png, self->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, icc, (png_uint_32)icc_count);
    if (exif) png_set_eXIf_1(self->png, self->info, (png_uint_32)exif_count, (png_bytep)exif);  // copied by libpng
    png_write_info(self->png, self->info);
    if (is_little_endian()) png_set_swap(self->png);
    return CCODECS_OK;
}

static ccodecs_status write_part(ccodecs_writer *writer, uint32_t kind, const uint8_t *bytes, size_t count) {
    png_writer *self = (png_writer *)writer;
    const png_byte name[5] = {(png_byte)(kind >> 24), (png_byte)(kind >> 16), (png_byte)(kind >> 8), (png_byte)kind, 0};
    if (setjmp(self->escape.landing)) return self->escape.status;
    png_write_chunk(self->png, name, bytes, count);
    return CCODECS_OK;
}

static ccodecs_status write_row(ccodecs_writer *writer, const void *row) {
    png_writer *self = (png_writer *)writer;
    if (setjmp(self->escape.landing)) return self->escape.status;
    png_write_row(self->png, row);
    return CCODECS_OK;
}

static ccodecs_status finish_writing(ccodecs_writer *writer, uint8_t **bytes, size_t *count) {
    png_writer *self = (png_writer *)writer;
    if (setjmp(self->escape.landing)) return self->escape.status;
    png_write_end(self->png, self->info);
    *bytes = self->file.bytes;
    *count = self->file.count;
    self->file = (growing){0};
    return CCODECS_OK;
}

static void close_writer(ccodecs_writer *writer) {
    png_writer *self = (png_writer *)writer;
    png_destroy_write_struct(&self->png, &self->info);
    free(self->file.bytes);
    free(self);
}

ccodecs_status ccodecs_create_png(ccodecs_layout layout, const uint8_t *exif, size_t exif_count,
                                  const uint8_t *icc, size_t icc_count, ccodecs_writer **writer) {
    png_writer *self = calloc(1, sizeof *self);
    *writer = (ccodecs_writer *)self;
    if (!self) return CCODECS_NO_MEMORY;
    self->base.layout = layout;
    self->base.write_part = write_part;
    self->base.write_row = write_row;
    self->base.finish = finish_writing;
    self->base.close = close_writer;
    self->base.reason = self->escape.reason;
    return write_header(self, exif, exif_count, icc, icc_count);
}
