# The code lists of standards/data are compiled in, so that the binary needs no path.
set(HZ_LISTS_SOURCE ${CMAKE_BINARY_DIR}/generated/lists_data.c)
file(GLOB HZ_LIST_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/standards/data/*)
add_custom_command(OUTPUT ${HZ_LISTS_SOURCE}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/standards/embed.py ${CMAKE_SOURCE_DIR}/standards/data ${HZ_LISTS_SOURCE}
  DEPENDS ${HZ_LIST_FILES} ${CMAKE_SOURCE_DIR}/standards/embed.py)
add_custom_target(hz_lists DEPENDS ${HZ_LISTS_SOURCE})
# Two megabytes of data have nothing to optimise.
set_source_files_properties(${HZ_LISTS_SOURCE} PROPERTIES COMPILE_OPTIONS "${HZ_NO_LTO}")

# So are the profiles of profiles/cn with the files beside them, for `extends`.
set(HZ_SHIPPED_SOURCE ${CMAKE_BINARY_DIR}/generated/shipped_profiles.c)
file(GLOB_RECURSE HZ_SHIPPED_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/profiles/cn/*)
add_custom_command(OUTPUT ${HZ_SHIPPED_SOURCE}
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/profiles/embed_shipped.py ${CMAKE_SOURCE_DIR}/profiles ${HZ_SHIPPED_SOURCE}
  DEPENDS ${HZ_SHIPPED_FILES} ${CMAKE_SOURCE_DIR}/profiles/embed_shipped.py ${CMAKE_SOURCE_DIR}/standards/embed.py)
add_custom_target(hz_shipped DEPENDS ${HZ_SHIPPED_SOURCE})
set_source_files_properties(${HZ_SHIPPED_SOURCE} PROPERTIES COMPILE_OPTIONS "${HZ_NO_LTO}")

# The page of the HTML report is compiled in too.
set(HZ_HTML_SOURCE ${CMAKE_BINARY_DIR}/generated/html_page.c)
file(GLOB HZ_HTML_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/reports/html/*)
add_custom_command(OUTPUT ${HZ_HTML_SOURCE}
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/reports/html/embed.py ${CMAKE_SOURCE_DIR}/reports/html ${HZ_HTML_SOURCE}
  DEPENDS ${HZ_HTML_FILES})
add_custom_target(hz_html_page DEPENDS ${HZ_HTML_SOURCE})
