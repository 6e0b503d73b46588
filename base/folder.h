/* folder.h: folders: made, and what lies in one. */
#ifndef HZ_BASE_FOLDER_H
#define HZ_BASE_FOLDER_H
#include "base/arena.h"
#include "base/buf.h"

/* Makes it unless it is there. own: mode 0700, else as the umask has it. HZ_E_IO. */
HZ_NODISCARD hz_status hz_folder_make(const char *path, bool own, hz_error *err);
/* Names in it but `.` and `..`, bytewise, NUL-terminated, in arena. HZ_E_IO; past `max` of them HZ_E_LIMIT naming
 * limit_name. */
HZ_NODISCARD hz_status hz_folder_list(hz_slice **names, size_t *count, hz_arena *arena, const char *path, uint64_t max,
                                      const char *limit_name, hz_error *err);
/* FOLDER/NAME in place of what the buffer had. */
HZ_NODISCARD hz_status hz_folder_path(hz_buf *out, const char *folder, hz_slice name, hz_error *err);
#endif
