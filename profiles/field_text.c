/* field_text.c: a field's type as the profile writes it, for messages and reports. */
#include "profiles/profile.h"

static void put_decimal(hz_buf *out, const hz_field *field)
{
    hz_buf_puts(out, "decimal");
    if (field->precision >= 0)
        hz_buf_printf(out, "(%d,%d)", field->precision, field->scale < 0 ? 0 : field->scale);
}

static void put_semantic(hz_buf *out, const hz_field *field)
{
    for (size_t i = 0; i < field->semtypes_count; i++) {
        if (i)
            hz_buf_putc(out, '|');
        hz_buf_puts(out, hz_semtype_name(field->semtypes[i]));
    }
}

void hz_field_type_put(hz_buf *out, const hz_field *field)
{
    static const char *const names[] = {
        [HZ_FIELD_TEXT] = "text",     [HZ_FIELD_INTEGER] = "integer", [HZ_FIELD_BOOLEAN] = "boolean",
        [HZ_FIELD_DATE] = "date",     [HZ_FIELD_MONTH] = "month",     [HZ_FIELD_DATETIME] = "datetime",
        [HZ_FIELD_TIME] = "time",     [HZ_FIELD_CODES] = "codes",     [HZ_FIELD_DECIMAL] = NULL,
        [HZ_FIELD_SEMANTIC] = NULL,
    };
    if (field->type == HZ_FIELD_DECIMAL)
        put_decimal(out, field);
    else if (field->type == HZ_FIELD_SEMANTIC)
        put_semantic(out, field);
    else
        hz_buf_puts(out, names[field->type]);
    if (field->many.len)
        hz_buf_puts(out, "[]");
}
