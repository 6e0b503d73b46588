/* xlsx.c */
#include "validator/source/formats.h"

static hz_status absent(const hz_reading *reading, const char *part, hz_error *err)
{
    return hz_fail(err, HZ_E_SOURCE, HZ_M(SOURCE_PART), HZ_S(reading->options.shown_path), HZ_Z(part));
}

hz_status hz_xlsx_read(hz_reading *reading, hz_error *err)
{
    return absent(reading, "xlsx", err);
}

hz_status hz_sqlite_read(hz_reading *reading, hz_error *err)
{
    return absent(reading, "SQLite", err);
}

hz_status hz_postgres_read(hz_reading *reading, hz_error *err)
{
    return absent(reading, "libpq", err);
}
