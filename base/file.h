/* file.h: files in and out. Input is read with pread into the caller's memory, never mapped: a file that shrinks is an
 * error. Output goes to `.NAME.hezhun-tmp` beside the target, locked, and is renamed when committed: no half report,
 * ever. */
#ifndef HZ_BASE_FILE_H
#define HZ_BASE_FILE_H
#include "base/buf.h"

/* What the system says of a file, in words: missing, denied, a full disk; for all else `message` with its text. */
hz_status hz_file_fail(hz_error *err, hz_status status, hz_msg_id message, const char *path, int error_number);

typedef struct hz_file hz_file;       /* an input file */
typedef struct hz_outfile hz_outfile; /* an output file */

/* Opens a regular file for reading (O_NONBLOCK, fstat: FIFOs, devices and folders are refused; the last link is
 * followed). HZ_E_SOURCE when it cannot be opened, HZ_E_IO when reading fails later. */
HZ_NODISCARD hz_status hz_file_open(hz_file **out, const char *path, hz_error *err);
/* Bytes in memory as a file: borrowed until close, and never changed. */
HZ_NODISCARD hz_status hz_file_open_bytes(hz_file **out, hz_slice bytes, hz_error *err);
void hz_file_close(hz_file *file);
uint64_t hz_file_size(const hz_file *file);
/* Reads exactly min(len, size - offset) bytes; fewer (the file shrank) is HZ_E_CHANGED. *got is the number read. */
HZ_NODISCARD hz_status hz_file_read_at(hz_file *file, uint64_t offset, void *into, size_t len, size_t *got,
                                       hz_error *err);
/* HZ_E_CHANGED when size, inode or modification time are not what they were at open. */
HZ_NODISCARD hz_status hz_file_check_unchanged(hz_file *file, hz_error *err);
/* The whole file in one owned buffer, at most max_bytes (HZ_E_LIMIT naming `limit_name` past it). */
HZ_NODISCARD hz_status hz_file_read_all(hz_buf *out, const char *path, uint64_t max_bytes, const char *limit_name,
                                        hz_error *err);

/* HZ_E_IO with FILE_BUSY when another process writes the same target. A target that is a link is written where it
 * leads; one that is no regular file is refused; an existing file keeps its permissions. A temporary file of a killed
 * run is replaced. Writes are buffered. */
HZ_NODISCARD hz_status hz_outfile_open(hz_outfile **out, const char *path, hz_error *err);
/* The same for a secret: nobody but the owner may read or write it, whatever the umask and a file there before. */
HZ_NODISCARD hz_status hz_outfile_open_private(hz_outfile **out, const char *path, hz_error *err);
HZ_NODISCARD hz_status hz_outfile_write(hz_outfile *file, hz_slice bytes, hz_error *err);
/* The temporary file, for a library that writes files by their names: it writes into this one and never replaces it. */
const char *hz_outfile_temp(const hz_outfile *file);
/* All is written: fsync, and the descriptor and buffer are given back, so that many may wait for their commit. On
 * failure as commit; file is freed. */
HZ_NODISCARD hz_status hz_outfile_rest(hz_outfile *file, hz_error *err);
/* fsync, rename over the target, close. On failure the temporary file is removed, the target untouched. Frees
 * file either way. */
HZ_NODISCARD hz_status hz_outfile_commit(hz_outfile *file, hz_error *err);
void hz_outfile_abandon(hz_outfile *file); /* removes the temporary file; takes NULL */

/* Test hook for faults: the Nth read/write/rename/fsync from now fails with this errno. 0 turns it off. */
void hz_file_fail_after(uint64_t n, int error_number);
#endif
