#include "profiles/expr/ast.h"

const char *hz_type_name(hz_type type)
{
    switch (type) {
    case HZ_TYPE_NULL:
        return "null";
    case HZ_TYPE_BOOLEAN:
        return "boolean";
    case HZ_TYPE_TEXT:
        return "text";
    case HZ_TYPE_INTEGER:
    case HZ_TYPE_DECIMAL:
        return "numeric";
    case HZ_TYPE_DATE:
        return "date";
    case HZ_TYPE_TIMESTAMP:
        return "timestamp";
    case HZ_TYPE_TIME:
        return "time";
    case HZ_TYPE_INTERVAL:
        return "interval";
    case HZ_TYPE_ARRAY:
        return "array";
    case HZ_TYPE_COUNT:
        break;
    }
    return "";
}

const char *hz_function_name(hz_function function)
{
    static const char *const names[] = {
#define HZ_FUNCTION(id, name, signature, zh, en) name,
#include "profiles/expr/functions.def"
#undef HZ_FUNCTION
    };
    return function < HZ_FUNC_COUNT ? names[function] : "";
}

const char *hz_aggregate_name(hz_aggregate agg)
{
    static const char *const names[] = {
        [HZ_AGG_COUNT] = "count",   [HZ_AGG_COUNT_DISTINCT] = "count",
        [HZ_AGG_SUM] = "sum",       [HZ_AGG_MIN] = "min",
        [HZ_AGG_MAX] = "max",       [HZ_AGG_AVG] = "avg",
        [HZ_AGG_EXISTS] = "exists", [HZ_AGG_EVERY] = "every",
    };
    return agg <= HZ_AGG_EVERY ? names[agg] : "";
}

const char *hz_op_name(hz_op op)
{
    static const char *const names[] = {
        [HZ_OP_NONE] = "", [HZ_OP_EQ] = "=",  [HZ_OP_NE] = "<>", [HZ_OP_LT] = "<",  [HZ_OP_LE] = "<=", [HZ_OP_GT] = ">",
        [HZ_OP_GE] = ">=", [HZ_OP_ADD] = "+", [HZ_OP_SUB] = "-", [HZ_OP_MUL] = "*", [HZ_OP_DIV] = "/",
    };
    return op <= HZ_OP_DIV ? names[op] : "";
}
