# The Python that makes the code lists and runs the scripts among the tests. Tests want PyYAML and jsonschema: of several
# interpreters the first that has both is taken.
if(NOT Python3_EXECUTABLE)
  foreach(candidate python3 /usr/bin/python3)
    execute_process(COMMAND ${candidate} -c "import yaml, jsonschema, sys; print(sys.executable)" OUTPUT_VARIABLE found
                    RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(failed EQUAL 0)
      set(Python3_EXECUTABLE ${found} CACHE FILEPATH "Python for lists and tests")
      break()
    endif()
  endforeach()
endif()
find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
