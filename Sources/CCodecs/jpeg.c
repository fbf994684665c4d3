// JPEG (ITU-T T.81) through libjpeg. Grey comes out as grey, everything else as RGB; CMYK and YCCK are converted here.
//
// libjpeg decodes damaged data with a warning and grey blocks. Here a warning that costs pixels is an error. Memory is bounded by the
// picture: at most four components of two bytes a coefficient for a progressive file, rows otherwise.

#include "ccodecs.h"
#include "growing.h"

#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

// A progressive scan costs a pass over all coefficients however short it is. Encoders write 10 or so; a file of thousands is an attack.
#define MAX_SCANS 100
// Some cameras leave a few stray bytes behind a scan. More mean that the entropy decoder has lost its place.
#define MAX_STRAY_BYTES 16

typedef struct escape {
    struct jpeg_error_mgr manager;  // first, so that cinfo->err is an escape
    jmp_buf landing;
    ccodecs_status status;
    char reason[JMSG_LENGTH_MAX];
} escape;

static ccodecs_status status_of(int code) {
    switch (code) {
    case JERR_OUT_OF_MEMORY:
        return CCODECS_NO_MEMORY;
    case JERR_ARITH_NOTIMPL: case JERR_BAD_PRECISION: case JERR_CCIR601_NOTIMPL: case JERR_CONVERSION_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL: case JERR_IMAGE_TOO_BIG: case JERR_NOTIMPL: case JERR_NOT_COMPILED:
    case JERR_SOF_UNSUPPORTED: case JERR_WIDTH_OVERFLOW: case JERR_COMPONENT_COUNT:
        return CCODECS_UNSUPPORTED;
    default:
        return CCODECS_CORRUPT;
    }
}

static void leave(j_common_ptr cinfo) {
    escape *self = (escape *)cinfo->err;
    self->status = status_of(self->manager.msg_code);
    self->manager.format_message(cinfo, self->reason);
    longjmp(self->landing, 1);
}

static void judge_message(j_common_ptr cinfo, int level) {
    if (level >= 0) return;  // traces
    switch (cinfo->err->msg_code) {
    case JWRN_ADOBE_XFORM: case JWRN_BOGUS_ICC: case JWRN_JFIF_MAJOR: case JWRN_NOT_SEQUENTIAL:
        return;  // labels that no pixel depends on
    case JWRN_EXTRANEOUS_DATA: {
        int in_scans = cinfo->is_decompressor && ((j_decompress_ptr)cinfo)->input_scan_number > 0;
        if (!in_scans || cinfo->err->msg_parm.i[0] <= MAX_STRAY_BYTES) return;
        break;
    }
    default:
        break;
    }
    leave(cinfo);
}

static void stay_silent(j_common_ptr cinfo) { (void)cinfo; }

static struct jpeg_error_mgr *install(escape *self) {
    jpeg_std_error(&self->manager);
    self->manager.error_exit = leave;
    self->manager.emit_message = judge_message;
    self->manager.output_message = stay_silent;
    return &self->manager;
}

// MARK: Reading

typedef struct jpeg_reader {
    ccodecs_reader base;  // first: a ccodecs_reader * is a jpeg_reader *
    escape escape;
    struct jpeg_decompress_struct cinfo;
    struct jpeg_progress_mgr progress;
    JSAMPARRAY cmyk;      // one row of 4 * width, from libjpeg's pool; NULL unless the file is CMYK
    int started;
} jpeg_reader;

static void refuse(j_common_ptr cinfo, const char *reason) {
    escape *self = (escape *)cinfo->err;
    self->status = CCODECS_UNSUPPORTED;
    snprintf(self->reason, sizeof self->reason, "%s", reason);
    longjmp(self->landing, 1);
}

static void count_scans(j_common_ptr cinfo) {
    if (((j_decompress_ptr)cinfo)->input_scan_number > MAX_SCANS) refuse(cinfo, "the JPEG has more than 100 scans");
}

static ccodecs_status read_header(jpeg_reader *self, const uint8_t *bytes, size_t count) {
    if (setjmp(self->escape.landing)) return self->escape.status;
    jpeg_create_decompress(&self->cinfo);
    self->progress.progress_monitor = count_scans;
    self->cinfo.progress = &self->progress;
    jpeg_mem_src(&self->cinfo, bytes, (unsigned long)count);
    jpeg_read_header(&self->cinfo, TRUE);

    ccodecs_layout *layout = &self->base.layout;
    *layout = (ccodecs_layout){.width = self->cinfo.image_width, .height = self->cinfo.image_height,
                               .channels = 3, .bit_depth = 8, .chroma_h = 1, .chroma_v = 1};
    switch (self->cinfo.jpeg_color_space) {
    case JCS_GRAYSCALE:
        layout->channels = 1;
        self->cinfo.out_color_space = JCS_GRAYSCALE;
        break;
    case JCS_YCbCr: {
        const jpeg_component_info *y = &self->cinfo.comp_info[0], *cb = &self->cinfo.comp_info[1];
        layout->chroma_h = y->h_samp_factor > cb->h_samp_factor ? y->h_samp_factor / cb->h_samp_factor : 1;
        layout->chroma_v = y->v_samp_factor > cb->v_samp_factor ? y->v_samp_factor / cb->v_samp_factor : 1;
        self->cinfo.out_color_space = JCS_RGB;
        break;
    }
    case JCS_RGB:
        self->cinfo.out_color_space = JCS_RGB;
        break;
    case JCS_CMYK: case JCS_YCCK:
        layout->from_cmyk = 1;
        self->cinfo.out_color_space = JCS_CMYK;
        break;
    default:
        refuse((j_common_ptr)&self->cinfo, "a JPEG of two components, or of more than four, has no known colour space");
    }
    return CCODECS_OK;
}

// Adobe writes inks inverted (255 is none), which its APP14 marker announces. No profile: ink on white paper, c * k.
static void inks_to_rgb(const JSAMPLE *cmyk, uint8_t *rgb, size_t width, int inverted) {
    const unsigned flip = inverted ? 0 : 255;
    for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        const unsigned light = cmyk[3] ^ flip;
        for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)(((cmyk[i] ^ flip) * light + 127) / 255);
    }
}

static ccodecs_status read_row(ccodecs_reader *reader, void *row) {
    jpeg_reader *self = (jpeg_reader *)reader;
    j_decompress_ptr cinfo = &self->cinfo;
    if (setjmp(self->escape.landing)) return self->escape.status;
    if (!self->started) {
        jpeg_start_decompress(cinfo);
        if (reader->layout.from_cmyk)
            self->cmyk = cinfo->mem->alloc_sarray((j_common_ptr)cinfo, JPOOL_IMAGE, 4 * cinfo->output_width, 1);
        self->started = 1;
    }
    JSAMPROW target = row;
    jpeg_read_scanlines(cinfo, self->cmyk ? self->cmyk : &target, 1);
    if (self->cmyk) inks_to_rgb(self->cmyk[0], row, reader->layout.width, cinfo->saw_Adobe_marker);
    return CCODECS_OK;
}

static ccodecs_status finish_reading(ccodecs_reader *reader) {
    jpeg_reader *self = (jpeg_reader *)reader;
    if (setjmp(self->escape.landing)) return self->escape.status;
    jpeg_finish_decompress(&self->cinfo);
    return CCODECS_OK;
}

static void close_reader(ccodecs_reader *reader) {
    jpeg_destroy_decompress(&((jpeg_reader *)reader)->cinfo);  // safe on a zeroed struct
    free(reader);
}

ccodecs_status ccodecs_open_jpeg(const uint8_t *bytes, size_t count, ccodecs_reader **reader) {
    jpeg_reader *self = calloc(1, sizeof *self);
    *reader = (ccodecs_reader *)self;
    if (!self) return CCODECS_NO_MEMORY;
    self->base.read_row = read_row;
    self->base.finish = finish_reading;
    self->base.close = close_reader;
    self->cinfo.err = install(&self->escape);
    self->base.reason = self->escape.reason;
    return read_header(self, bytes, count);
}

// MARK: Writing

typedef struct jpeg_writer {
    ccodecs_writer base;  // first
    escape escape;
    struct jpeg_compress_struct cinfo;
    struct jpeg_destination_mgr destination;
    growing file;
    uint8_t stage[16384];  // what libjpeg fills before it is appended to the file
} jpeg_writer;

static void empty_stage(jpeg_writer *self, size_t count) {
    if (!growing_append(&self->file, self->stage, count)) ERREXIT1(&self->cinfo, JERR_OUT_OF_MEMORY, 0);
    self->destination.next_output_byte = self->stage;
    self->destination.free_in_buffer = sizeof self->stage;
}

static void begin_file(j_compress_ptr cinfo) { empty_stage(cinfo->client_data, 0); }

static boolean stage_is_full(j_compress_ptr cinfo) {
    jpeg_writer *self = cinfo->client_data;
    empty_stage(self, sizeof self->stage);
    return TRUE;
}

static void end_file(j_compress_ptr cinfo) {
    jpeg_writer *self = cinfo->client_data;
    empty_stage(self, sizeof self->stage - self->destination.free_in_buffer);
}

static void write_exif(j_compress_ptr cinfo, const uint8_t *exif, size_t count) {
    static const uint8_t prefix[6] = "Exif\0";
    jpeg_write_m_header(cinfo, JPEG_APP0 + 1, (unsigned)(sizeof prefix + count));
    for (size_t i = 0; i < sizeof prefix; i++) jpeg_write_m_byte(cinfo, prefix[i]);
    for (size_t i = 0; i < count; i++) jpeg_write_m_byte(cinfo, exif[i]);
}

static ccodecs_status write_header(jpeg_writer *self, int quality, const uint8_t *exif, size_t exif_count,
                                   const uint8_t *icc, size_t icc_count) {
    const ccodecs_layout *layout = &self->base.layout;
    j_compress_ptr cinfo = &self->cinfo;
    if (setjmp(self->escape.landing)) return self->escape.status;
    jpeg_create_compress(cinfo);
    cinfo->client_data = self;
    self->destination.init_destination = begin_file;
    self->destination.empty_output_buffer = stage_is_full;
    self->destination.term_destination = end_file;
    cinfo->dest = &self->destination;

    cinfo->image_width = layout->width;
    cinfo->image_height = layout->height;
    cinfo->input_components = layout->channels;
    cinfo->in_color_space = layout->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(cinfo);
    jpeg_set_quality(cinfo, quality, TRUE);
    cinfo->comp_info[0].h_samp_factor = layout->channels == 3 ? layout->chroma_h : 1;
    cinfo->comp_info[0].v_samp_factor = layout->channels == 3 ? layout->chroma_v : 1;
    jpeg_start_compress(cinfo, TRUE);
    if (exif) write_exif(cinfo, exif, exif_count);
    if (icc) jpeg_write_icc_profile(cinfo, icc, (unsigned)icc_count);
    return CCODECS_OK;
}

static ccodecs_status write_row(ccodecs_writer *writer, const void *row) {
    jpeg_writer *self = (jpeg_writer *)writer;
    if (setjmp(self->escape.landing)) return self->escape.status;
    JSAMPROW source = (JSAMPROW)row;  // libjpeg reads it only
    jpeg_write_scanlines(&self->cinfo, &source, 1);
    return CCODECS_OK;
}

static ccodecs_status finish_writing(ccodecs_writer *writer, uint8_t **bytes, size_t *count) {
    jpeg_writer *self = (jpeg_writer *)writer;
    if (setjmp(self->escape.landing)) return self->escape.status;
    jpeg_finish_compress(&self->cinfo);
    *bytes = self->file.bytes;
    *count = self->file.count;
    self->file = (growing){0};
    return CCODECS_OK;
}

static void close_writer(ccodecs_writer *writer) {
    jpeg_writer *self = (jpeg_writer *)writer;
    jpeg_destroy_compress(&self->cinfo);
    free(self->file.bytes);
    free(self);
}

ccodecs_status ccodecs_create_jpeg(ccodecs_layout layout, int quality, const uint8_t *exif, size_t exif_count,
                                   const uint8_t *icc, size_t icc_count, ccodecs_writer **writer) {
    jpeg_writer *self = calloc(1, sizeof *self);
    *writer = (ccodecs_writer *)self;
    if (!self) return CCODECS_NO_MEMORY;
    self->base.layout = layout;
    self->base.write_row = write_row;
    self->base.finish = finish_writing;
    self->base.close = close_writer;
    self->cinfo.err = install(&self->escape);
    self->base.reason = self->escape.reason;
    return write_header(self, quality, exif, exif_count, icc, icc_count);
}
