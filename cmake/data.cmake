# The code lists of standards/data are compiled in, so that the binary needs no path.
set(HZ_LISTS_SOURCE ${CMAKE_BINARY_DIR}/generated/lists_data.c)
file(GLOB HZ_LIST_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/standards/data/*)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_custom_command(OUTPUT ${HZ_LISTS_SOURCE}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/standards/embed.py ${CMAKE_SOURCE_DIR}/standards/data ${HZ_LISTS_SOURCE}
  DEPENDS ${HZ_LIST_FILES} ${CMAKE_SOURCE_DIR}/standards/embed.py)
add_custom_target(hz_lists DEPENDS ${HZ_LISTS_SOURCE})
