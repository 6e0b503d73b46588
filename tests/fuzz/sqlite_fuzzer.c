/* An SQLite file, by its path; parts_kit.h has what must hold. */
#include "tests/fuzz/parts_kit.h"
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[64];
    if (fd < 0)
        fd = memfd_create("sqlite-fuzz", MFD_CLOEXEC);
    if (fd < 0 || size > 100000 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    parts_run_path("x.sqlite", path);
    return 0;
}
