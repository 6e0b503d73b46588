# What the program stands on, all Debian packages. Given parts are required; optional ones can be turned off and are then
# named as absent by `hezhun --version`.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(XML2 REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)

add_library(hz_dep_yaml ALIAS PkgConfig::YAML)
add_library(hz_dep_pcre2 ALIAS PkgConfig::PCRE2)
add_library(hz_dep_crypto ALIAS PkgConfig::CRYPTO)
add_library(hz_dep_xml2 ALIAS PkgConfig::XML2)
add_library(hz_dep_zlib ALIAS PkgConfig::ZLIB)
add_library(hz_dep_xxhash INTERFACE)
target_include_directories(hz_dep_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE})

# An option, on, and an interface library: with the packages and the option's name as a macro when it is on, empty when it is off.
function(hz_optional option target words)
  option(${option} "${words}" ON)
  add_library(${target} INTERFACE)
  if(${option})
    pkg_check_modules(${option}_PART REQUIRED IMPORTED_TARGET ${ARGN})
    target_link_libraries(${target} INTERFACE PkgConfig::${option}_PART)
    target_compile_definitions(${target} INTERFACE ${option})
  endif()
endfunction()

hz_optional(HZ_WITH_ICU hz_dep_icu "pinyin(text) by ICU's transliteration" icu-i18n icu-uc)
hz_optional(HZ_ZSTD hz_dep_zstd "Spill files are compressed by zstd, .zst files are read" libzstd)
hz_optional(HZ_ARCHIVE hz_dep_archive "Members of .zip, .tar and .7z are read, by libarchive" libarchive)
hz_optional(HZ_SQLITE hz_dep_sqlite "Tables of SQLite files are read, findings written as an SQLite database" sqlite3)
hz_optional(HZ_LIBPQ hz_dep_libpq "Tables of PostgreSQL databases are read, by libpq" libpq)
hz_optional(HZ_QRENCODE hz_dep_qrencode "Certificates for people carry a QR code" libqrencode)
hz_optional(HZ_CURL hz_dep_curl "A watch posts new errors to a webhook, by libcurl" libcurl>=7.85)
hz_optional(HZ_Z3 hz_dep_z3 "lint --deep reasons on rules, by Z3" z3)
