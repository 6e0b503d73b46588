/* texts.c: see texts_int.h. */
#include "reports/findings/texts_int.h"
#include <errno.h>
#include <string.h>

hz_status hz_form_failed(hz_error *err, const char *path, int error_number, const char *words)
{
    const char *said = error_number ? strerrordesc_np(error_number) : words;
    hz_arg args[] = {HZ_M(FILE_WRITE), HZ_Z(path), HZ_Z(said ? said : "?")};
    if (error_number == ENOSPC || error_number == EDQUOT)
        args[0].message = HZ_MSG_FILE_DISK_FULL;
    hz_status st = hz_error_set(err, HZ_E_IO, args, sizeof args / sizeof *args);
    hz_error_at(err, hz_slice_of(path), 0, 0);
    return st;
}
