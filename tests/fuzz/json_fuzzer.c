/* JSON: byte 0 chooses lines or a document, the rest is the file; parts_kit.h has what must hold. */
#include "tests/fuzz/parts_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 100000)
        return 0;
    parts_run(data[0] & 1 ? "x.jsonl" : "x.json", data + 1, size - 1);
    return 0;
}
