# Every text of the desktop has a German one: cmake -DLUPDATE=... -DSOURCE=... -P translation_test.cmake
# lupdate collects the texts into a copy; what the committed file lacks comes out unfinished.
file(COPY ${SOURCE}/gui/i18n/gpuplan_de.ts DESTINATION ${CMAKE_CURRENT_BINARY_DIR}/translation)
set(copy ${CMAKE_CURRENT_BINARY_DIR}/translation/gpuplan_de.ts)
execute_process(
  COMMAND ${LUPDATE} ${SOURCE}/gui -I ${SOURCE} -ts ${copy} -no-obsolete -locations none
  RESULT_VARIABLE failed OUTPUT_QUIET)
if(failed)
  message(FATAL_ERROR "lupdate failed")
endif()
file(READ ${copy} text)
string(REGEX MATCHALL "<source>[^<]*</source>[ \n]*<translation type=\"unfinished\"" missing "${text}")
if(missing)
  message(FATAL_ERROR "not translated to German yet:\n${missing}")
endif()
