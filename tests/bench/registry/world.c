#include "tests/bench/registry/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what, const char *name)
{
    fprintf(stderr, "generate: %s %s: %s\n", what, name, errno ? strerror(errno) : "not as expected");
    exit(1);
}

static void copy(char *to, size_t room, const char *from, size_t length)
{
    if (length >= room) {
        length = room - 1;
    }
    memcpy(to, from, length);
    to[length] = 0;
}

/* Cell number n of a line of tab-separated text. */
static const char *cell(const char *line, int n, size_t *length)
{
    for (; n > 0; n--) {
        line += strcspn(line, "\t\n");
        line += *line == '\t';
    }
    *length = strcspn(line, "\t\n");
    return line;
}

static FILE *list_open(const struct world *w, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", w->lists, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        fail("open", path);
    }
    return file;
}

static void villages_read(struct world *w)
{
    static struct village all[32768];
    char line[1024];
    int count = 0;
    FILE *file = list_open(w, "division_villages.tsv");
    while (fgets(line, sizeof line, file) && count < 32768) {
        size_t length;
        if (line[0] >= '0' && line[0] <= '9') {
            copy(all[count].code, sizeof all[count].code, line, 12);
            const char *name = cell(line, 1, &length);
            copy(all[count].name, sizeof all[count].name, name, length);
            count++;
        }
    }
    fclose(file);
    uint64_t wanted = w->households * VILLAGES_MAX / 3000000;
    wanted = wanted < 20 ? 20 : wanted > VILLAGES_MAX ? VILLAGES_MAX : wanted;
    if (count < VILLAGES_MAX || wanted > w->households) {
        fail("too few", count < VILLAGES_MAX ? "villages" : "households");
    }
    w->villages = (int)wanted;
    for (int v = 0; v < w->villages; v++) {
        struct village *it = &w->village[v];
        *it = all[(int64_t)v * count / w->villages];
        it->first = (uint64_t)v * w->households / (uint64_t)w->villages;
        bool same = v > 0 && memcmp(it->code, it[-1].code, 6) == 0;
        w->counties += !same;
        it->county = w->counties - 1;
        it->county_first = same ? it[-1].county_first : it->first;
    }
    w->village[w->villages].first = w->households;
}

/* County codes of other provinces that hold at the end of YEAR. */
static void pool_read(struct world *w)
{
    char line[1024];
    FILE *file = list_open(w, "gbt2260_divisions.tsv");
    while (fgets(line, sizeof line, file) && w->pool_count < POOL_MAX) {
        size_t length;
        if (line[0] < '0' || line[0] > '9' || memcmp(line, "52", 2) == 0 || cell(line, 3, &length)[0] != '3') {
            continue;
        }
        const char *from = cell(line, 5, &length);
        bool held = length == 0 || strtol(from, NULL, 10) <= YEAR;
        const char *to = cell(line, 6, &length);
        if (held && (length == 0 || strtol(to, NULL, 10) > YEAR)) {
            copy(w->pool[w->pool_count++], 7, line, 6);
        }
    }
    fclose(file);
    if (w->pool_count < 2000) {
        fail("too few", "counties");
    }
}

void world_read(struct world *w)
{
    w->extra = w->households / 100;
    villages_read(w);
    pool_read(w);
}

int world_village_of(const struct world *w, uint64_t number)
{
    int v = (int)((number + 1) * (uint64_t)w->villages / w->households);
    v = v >= w->villages ? w->villages - 1 : v;
    while (w->village[v].first > number) {
        v--;
    }
    while (w->village[v + 1].first <= number) {
        v++;
    }
    return v;
}
