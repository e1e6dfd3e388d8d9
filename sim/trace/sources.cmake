# Execution traces of other tools. Protobuf (BSD) is what Chakra files are made of; its generated code stays in here.
find_package(Protobuf REQUIRED)
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
add_custom_command(
  OUTPUT ${generated}/sim/trace/chakra.pb.cc ${generated}/sim/trace/chakra.pb.h
  COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}
  COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${generated} sim/trace/chakra.proto
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/trace/chakra.proto VERBATIM)
add_library(sim_chakra_messages STATIC ${generated}/sim/trace/chakra.pb.cc)
target_include_directories(sim_chakra_messages SYSTEM PUBLIC ${generated})
target_link_libraries(sim_chakra_messages PUBLIC protobuf::libprotobuf)

target_sources(sim PRIVATE
  trace/astra.cpp
  trace/chakra_reader.cpp
  trace/chakra_writer.cpp
  trace/cluster_machine.cpp
  trace/custom_collective.cpp
  trace/deadlock.cpp
  trace/execute.cpp
  trace/execution_trace.cpp
  trace/export_step.cpp
  trace/matching.cpp
  trace/process_groups.cpp
  trace/trace_set.cpp)
target_sources(sim PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
  trace/astra.hpp
  trace/chakra.hpp
  trace/cluster_machine.hpp
  trace/deadlock.hpp
  trace/execute.hpp
  trace/execution_trace.hpp
  trace/export_step.hpp
  trace/machine.hpp
  trace/matching.hpp
  trace/process_groups.hpp
  trace/trace_set.hpp)
target_link_libraries(sim PRIVATE nlohmann_json::nlohmann_json sim_chakra_messages)
