// Through Little CMS: relative colorimetric with black point compensation, which is what picture editors do when nobody says otherwise.

#include "inks.h"

#include <lcms2.h>

// libjpeg gives Adobe's inks as they stand in the file: inverted.
inks *inks_open(const uint8_t *icc, size_t count, int inverted) {
    cmsHTRANSFORM transform = NULL;
    cmsHPROFILE press = cmsOpenProfileFromMem(icc, (cmsUInt32Number)count), screen = NULL;
    if (press && cmsGetColorSpace(press) == cmsSigCmykData && (screen = cmsCreate_sRGBProfile()))
        transform = cmsCreateTransform(press, inverted ? TYPE_CMYK_8_REV : TYPE_CMYK_8, screen, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC,
                                       cmsFLAGS_BLACKPOINTCOMPENSATION);
    if (screen) cmsCloseProfile(screen);
    if (press) cmsCloseProfile(press);
    return transform;
}

void inks_close(inks *self) {
    if (self) cmsDeleteTransform(self);
}

void inks_to_rgb(inks *self, const uint8_t *cmyk, uint8_t *rgb, size_t width, int inverted) {
    if (self) {
        cmsDoTransform(self, cmyk, rgb, (cmsUInt32Number)width);
        return;
    }
    const unsigned flip = inverted ? 0 : 255;
    for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
        const unsigned light = cmyk[3] ^ flip;
        for (int i = 0; i < 3; i++) rgb[i] = (uint8_t)(((cmyk[i] ^ flip) * light + 127) / 255);
    }
}
