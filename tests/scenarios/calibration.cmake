# Records, their schema, importers of measurements and the calibrate command.
gpuplan_test(record_schema_test record_schema_test.cpp LINKS scenarios calib nlohmann_json::nlohmann_json)
