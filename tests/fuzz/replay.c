/* Runs a fuzz target over every file of the folders given, without libFuzzer: the corpus as an ordinary test. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int no_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int run_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    struct stat info;
    if (!in || fstat(fileno(in), &info) != 0 || !S_ISREG(info.st_mode)) {
        fprintf(stderr, "cannot read %s\n", path);
        if (in)
            fclose(in);
        return -1;
    }
    /* A buffer of exactly the file's size, so that a byte read past it is seen. */
    size_t size = (size_t)info.st_size;
    uint8_t *data = malloc(size ? size : 1);
    int result = data && fread(data, 1, size, in) == size ? 0 : -1;
    fclose(in);
    if (result == 0)
        LLVMFuzzerTestOneInput(data, size);
    else
        fprintf(stderr, "cannot read %s\n", path);
    free(data);
    return result;
}

static int run_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, no_dots, alphasort), failed = 0;
    if (count < 0) {
        perror(folder);
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        failed |= run_file(path);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %d inputs\n", folder, count);
    return failed || count == 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;
    if (argc < 2)
        fprintf(stderr, "usage: %s FOLDER…\n", argv[0]);
    for (int i = 1; i < argc; i++)
        failed |= run_folder(argv[i]) != 0;
    return failed;
}
