/* archive.h: what is in an archive (zip, tar, 7z; a tar may be packed by gzip, zstd, xz or bzip2). Members are read
 * through stream.h (options.member); here they are only named.
 *
 * Names are UTF-8: those of a zip without the UTF-8 flag are taken for GB18030 where they are not UTF-8. A name that is
 * absolute, has a part "..", or a NUL is HZ_E_SOURCE: nothing is written anywhere, but who made such an archive meant
 * harm. More members than archive_members allows: HZ_E_LIMIT. Archives in archives are members like others, which
 * nobody opens. */
#ifndef HZ_SOURCE_ARCHIVE_H
#define HZ_SOURCE_ARCHIVE_H
#include "validator/source/source.h"

/* Whether the file's name says that it is an archive: .zip .7z .tar .tar.gz .tgz .tar.zst .tar.xz .tar.bz2. */
bool hz_archive_is(hz_slice name);
/* Tells every regular member by its name, in the archive's order. Of options: path or bytes, shown_path, limits,
 * cancel. HZ_E_SOURCE: no archive, a broken one, or the part libarchive is not built in. */
HZ_NODISCARD hz_status hz_archive_list(const hz_source_options *options,
                                       hz_status (*found)(void *ctx, hz_slice name, hz_error *err), void *ctx,
                                       hz_error *err);
#endif
