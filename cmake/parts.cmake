# What the program stands on, all Debian packages. Given parts are required; optional ones can be turned off and are then
# named as absent by `hezhun --version`.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)

add_library(hz_dep_yaml ALIAS PkgConfig::YAML)
add_library(hz_dep_pcre2 ALIAS PkgConfig::PCRE2)
add_library(hz_dep_crypto ALIAS PkgConfig::CRYPTO)
add_library(hz_dep_zlib ALIAS PkgConfig::ZLIB)
add_library(hz_dep_xxhash INTERFACE)
target_include_directories(hz_dep_xxhash SYSTEM INTERFACE ${XXHASH_INCLUDE})

option(HZ_WITH_ICU "pinyin(text) by ICU's transliteration" ON)
add_library(hz_dep_icu INTERFACE)
if(HZ_WITH_ICU)
  pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-i18n icu-uc)
  target_link_libraries(hz_dep_icu INTERFACE PkgConfig::ICU)
  target_compile_definitions(hz_dep_icu INTERFACE HZ_WITH_ICU)
endif()

option(HZ_ZSTD "Spill files are compressed by zstd, .zst files are read" ON)
add_library(hz_dep_zstd INTERFACE)
if(HZ_ZSTD)
  pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
  target_link_libraries(hz_dep_zstd INTERFACE PkgConfig::ZSTD)
  target_compile_definitions(hz_dep_zstd INTERFACE HZ_ZSTD)
endif()
