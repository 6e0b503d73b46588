/* fuzz_kit.h: what fuzz targets share: what must hold, and mistakes that must be worded and inside their text. */
#ifndef HZ_TESTS_FUZZ_KIT_H
#define HZ_TESTS_FUZZ_KIT_H
#include "base/buf.h"
#include "base/diag.h"
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(cond)                                                                                                  \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond);                                                 \
            __builtin_trap();                                                                                          \
        }                                                                                                              \
    } while (0)

/* Appends each in both languages. */
HZ_UNUSED static void check_diags(hz_buf *out, const hz_diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const hz_diag *diag = &diags->items[i];
        REQUIRE(diag->span.text);
        REQUIRE((uint64_t)diag->span.offset + diag->span.len <= diag->span.text->bytes.len);
        for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++)
            hz_diag_render(out, diag, (hz_lang)lang);
    }
    REQUIRE(hz_buf_status(out, NULL) == HZ_OK);
}
#endif
