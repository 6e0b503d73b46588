/* terminal.h: all that is written to standard output and standard error, and what is known of the terminal.
 * Output is gathered in a buffer and written at once; a failed write to standard output is an error (exit 5), one to
 * standard error is not. */
#ifndef HZ_CLI_TERMINAL_H
#define HZ_CLI_TERMINAL_H
#include "base/buf.h"
#include "validator/api/hezhun.h"

enum {
    HZ_EXIT_OK = 0,
    HZ_EXIT_NOT_CONFORMANT = 1,
    HZ_EXIT_USAGE = 2,
    HZ_EXIT_PROFILE = 3,
    HZ_EXIT_SOURCE = 4,
    HZ_EXIT_INCOMPLETE = 5
};

/* The language of LC_ALL, LC_MESSAGES or LANG: zh when the first that is set begins with it, else en. */
hz_lang hz_terminal_lang(void);
bool hz_terminal_is(int fd);
/* Cells of a line; 0 when it is no terminal. */
unsigned hz_terminal_width(int fd);
extern const char *const hz_color_words[]; /* auto, always, never; NULL behind them */
/* `when` is one of hz_color_words; NULL: auto. auto: a terminal that is not dumb, and NO_COLOR is not set. */
bool hz_terminal_color(const char *when);

/* Opens what is closed of the descriptors 0 to 2 so that no file of the run takes their place; writing there then
 * fails. False when that cannot be. */
bool hz_terminal_guard(void);

/* Standard output; on failure says why on standard error. HZ_EXIT_OK or HZ_EXIT_INCOMPLETE. */
int hz_out(hz_slice text, hz_lang lang);
/* The same to a file, whole or not at all; path NULL: standard output. */
int hz_out_file(const char *path, hz_slice text, hz_lang lang);
/* The buffer's bytes, which are freed; a buffer that failed is an error too. */
int hz_out_buf(hz_buf *text, hz_lang lang);
/* Standard error; failures pass in silence. */
void hz_say(hz_slice text);

/* "error: message", then a line for each of place and hint. Both return the exit status that the error stands for. */
int hz_say_error(const hz_error *err, hz_lang lang);
int hz_say_problem(const hezhun_error *err, hz_lang lang);
/* A line of advice under an error: "  = text". */
void hz_say_advice(hz_msg_id message, const hz_slice *args, size_t args_count, hz_lang lang);

int hz_exit_of(int status); /* of a hz_status or hezhun_status */
#endif
