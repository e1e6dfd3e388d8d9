#pragma once
// The commands of the gpuplan program, one function each: it adds a command with its words, and
// parsing sets what was asked for. A new command is one *_command.cpp, a line here and a line in
// main.cpp.
#include "scenarios/command_line.hpp"

namespace scenarios {

void add_simulate(const CommandLine& line);
void add_run(const CommandLine& line);
void add_report(const CommandLine& line);
void add_compare(const CommandLine& line);
void add_search(const CommandLine& line);
void add_plan(const CommandLine& line);
void add_queue(const CommandLine& line);
void add_sweep(const CommandLine& line);
void add_merge(const CommandLine& line);
void add_export(const CommandLine& line);
void add_export_metrics(const CommandLine& line);
void add_sensitivity(const CommandLine& line);
void add_validate(const CommandLine& line);
void add_collective(const CommandLine& line);
void add_catalog(const CommandLine& line);
void add_topology(const CommandLine& line);
void add_import(const CommandLine& line);
void add_calibrate(const CommandLine& line);
void add_doctor(const CommandLine& line);

}  // namespace scenarios
