/* terminal.c: see terminal.h. */
#include "validator/cli/terminal.h"
#include "base/file.h"
#include "base/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SHOWN_BYTES = 4096 };

hz_lang hz_terminal_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return hz_slice_starts(hz_slice_of(value), HZ_SLICE_LIT("zh")) ? HZ_LANG_ZH : HZ_LANG_EN;
    }
    return HZ_LANG_EN;
}

bool hz_terminal_is(int fd)
{
    return isatty(fd) == 1;
}

unsigned hz_terminal_width(int fd)
{
    struct winsize size;
    if (!hz_terminal_is(fd))
        return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !*term || strcmp(term, "dumb") == 0;
}

const char *const hz_color_words[] = {"auto", "always", "never", NULL};

bool hz_terminal_color(const char *when)
{
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    const char *no = getenv("NO_COLOR");
    return hz_terminal_is(STDOUT_FILENO) && !is_dumb() && !(no && *no);
}

bool hz_terminal_guard(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        /* the lowest free number is fd itself; reading and writing the wrong way fail there */
        if (open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            return false;
    }
    return true;
}

/* 0, or the errno that stopped it. */
static int write_all(int fd, hz_slice text)
{
    while (text.len) {
        ssize_t wrote = write(fd, text.ptr, text.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno;
        text = hz_slice_sub(text, (size_t)wrote, text.len);
    }
    return 0;
}

void hz_say(hz_slice text)
{
    (void)write_all(STDERR_FILENO, text);
}

int hz_out(hz_slice text, hz_lang lang)
{
    int number = write_all(STDOUT_FILENO, text);
    if (!number)
        return HZ_EXIT_OK;
    const char *words = strerrordesc_np(number);
    hz_slice where = hz_slice_of(hz_msg_text(HZ_MSG_CLI_STDOUT, lang));
    hz_error err = {0};
    (void)(number == ENOSPC || number == EDQUOT
               ? hz_fail(&err, HZ_E_IO, HZ_M(FILE_DISK_FULL), HZ_S(where))
               : hz_fail(&err, HZ_E_IO, HZ_M(FILE_WRITE), HZ_S(where), HZ_Z(words ? words : "?")));
    return hz_say_error(&err, lang);
}

int hz_out_buf(hz_buf *text, hz_lang lang)
{
    hz_error err = {0};
    int exit_status = hz_buf_status(text, &err) == HZ_OK ? hz_out(hz_buf_slice(text), lang) : hz_say_error(&err, lang);
    hz_buf_clear(text);
    return exit_status;
}

int hz_exit_of(int status)
{
    switch (status) {
    case HZ_OK:
        return HZ_EXIT_OK;
    case HZ_E_USAGE:
        return HZ_EXIT_USAGE;
    case HZ_E_PROFILE:
        return HZ_EXIT_PROFILE;
    case HZ_E_SOURCE:
        return HZ_EXIT_SOURCE;
    default:
        return HZ_EXIT_INCOMPLETE;
    }
}

static void put_advice(hz_buf *out, const char *text)
{
    if (*text)
        hz_buf_printf(out, "  = %s\n", text);
}

int hz_say_problem(const hezhun_error *err, hz_lang lang)
{
    char message[SHOWN_BYTES], hint[SHOWN_BYTES];
    hz_buf out = HZ_BUF_INIT;
    uint64_t line, column;
    const char *file = hezhun_error_place(err, &line, &column);
    (void)hezhun_error_message(message, sizeof message, err, (hezhun_lang)lang);
    (void)hezhun_error_hint(hint, sizeof hint, err, (hezhun_lang)lang);
    if (line) {
        hz_utf8_put_safe(&out, hz_slice_of(file));
        hz_buf_printf(&out, ":%" PRIu64, line);
        if (column)
            hz_buf_printf(&out, ":%" PRIu64, column);
        hz_buf_puts(&out, ": ");
    }
    hz_buf_printf(&out, "%s%s\n", hz_msg_text(HZ_MSG_DIAG_ERROR, lang), message);
    put_advice(&out, hint);
    if (out.status == HZ_OK) {
        hz_say(hz_buf_slice(&out));
    } else {
        hz_say(hz_slice_of(hz_msg_text(HZ_MSG_API_NO_MEMORY, lang)));
        hz_say(HZ_SLICE_LIT("\n"));
    }
    hz_buf_clear(&out);
    return hz_exit_of(err ? (int)hezhun_error_status(err) : HZ_E_NOMEM);
}

static void put_safe(hz_buf *out, hz_msg_id message, const hz_slice *args, size_t args_count, hz_lang lang)
{
    hz_buf text = HZ_BUF_INIT;
    hz_msg_render(&text, message, args, args_count, lang);
    hz_utf8_put_safe(out, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

void hz_say_advice(hz_msg_id message, const hz_slice *args, size_t args_count, hz_lang lang)
{
    hz_buf out = HZ_BUF_INIT;
    hz_buf_puts(&out, "  = ");
    put_safe(&out, message, args, args_count, lang);
    hz_buf_putc(&out, '\n');
    hz_say(hz_buf_slice(&out));
    hz_buf_clear(&out);
}

int hz_say_error(const hz_error *err, hz_lang lang)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(err, args);
    hz_buf out = HZ_BUF_INIT;
    hz_buf_puts(&out, hz_msg_text(HZ_MSG_DIAG_ERROR, lang));
    put_safe(&out, err->message, args, count, lang);
    hz_buf_putc(&out, '\n');
    hz_say(hz_buf_slice(&out));
    hz_buf_clear(&out);
    if (err->hint != HZ_MSG_NONE)
        hz_say_advice(err->hint, args, count, lang);
    return hz_exit_of((int)err->status);
}

int hz_out_file(const char *path, hz_slice text, hz_lang lang)
{
    hz_outfile *file = NULL;
    hz_error err = {0};
    if (!path)
        return hz_out(text, lang);
    hz_status st = hz_outfile_open(&file, path, &err);
    if (st == HZ_OK)
        st = hz_outfile_write(file, text, &err);
    if (st == HZ_OK)
        st = hz_outfile_commit(file, &err);
    else
        hz_outfile_abandon(file);
    return st == HZ_OK ? HZ_EXIT_OK : hz_say_error(&err, lang);
}
