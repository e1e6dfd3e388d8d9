# Measurements in other tools' formats.
target_sources(calib PRIVATE
  import/any.cpp import/gzip.cpp import/kineto.cpp import/known_words.cpp import/nccl_tests.cpp
  import/power_series.cpp import/tables.cpp)
target_sources(calib PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
  import/any.hpp import/description.hpp import/gzip.hpp import/kineto.hpp import/known_words.hpp
  import/nccl_tests.hpp import/power_series.hpp import/tables.hpp)
target_link_libraries(calib PRIVATE ZLIB::ZLIB)
