# The code lists of standards/data are compiled in, so that the binary needs no path.
set(HZ_LISTS_SOURCE ${CMAKE_BINARY_DIR}/generated/lists_data.c)
file(GLOB HZ_LIST_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/standards/data/*)
add_custom_command(OUTPUT ${HZ_LISTS_SOURCE}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/standards/embed.py ${CMAKE_SOURCE_DIR}/standards/data ${HZ_LISTS_SOURCE}
  DEPENDS ${HZ_LIST_FILES} ${CMAKE_SOURCE_DIR}/standards/embed.py)
add_custom_target(hz_lists DEPENDS ${HZ_LISTS_SOURCE})
# Two megabytes of data have nothing to optimise.
set_source_files_properties(${HZ_LISTS_SOURCE} PROPERTIES COMPILE_OPTIONS "${HZ_NO_LTO}")
