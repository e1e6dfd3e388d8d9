# Records, their schema, importers of measurements and the calibrate command.
gpuplan_test(record_schema_test record_schema_test.cpp LINKS scenarios calib nlohmann_json::nlohmann_json)
gpuplan_test(calibrate_command_test calibrate_command_test.cpp LINKS scenarios calib nlohmann_json::nlohmann_json)
target_compile_definitions(calibrate_command_test PRIVATE GPUPLAN_COMMAND="$<TARGET_FILE:gpuplan>")
add_dependencies(calibrate_command_test gpuplan)
