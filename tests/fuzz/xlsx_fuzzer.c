/* A workbook; parts_kit.h has what must hold. */
#include "tests/fuzz/parts_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= 100000)
        parts_run("x.xlsx", data, size);
    return 0;
}
