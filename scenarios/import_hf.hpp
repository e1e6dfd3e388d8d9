#pragma once
// gpuplan import hf-config: the model of a scenario from a Hugging Face config.json.
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/simulate.hpp"
#include "sim/workload/model.hpp"

namespace scenarios {

/// A model as its configuration describes it.
struct HfModel {
  std::string model_type;                                 ///< "llama"
  sim::ModelSpec model;                                   ///< as a scenario with `keys` reads it
  std::vector<std::pair<std::string, std::string>> keys;  ///< of `model:`, values as in a file
  std::vector<std::string> remarks;  ///< what the configuration says and a scenario cannot
};

/// Configurations that are understood, by model_type.
std::vector<std::string_view> hf_model_types();

/// `file` names the text in messages, and its folder the model where the text does not.
/// @throws InputError with file, line and key.
HfModel read_hf_config(const std::string& text, const std::filesystem::path& file);
HfModel read_hf_config(const std::filesystem::path& file);

/// As a scenario's block, "model:" and a line per key.
std::string model_block(const HfModel& model);
/// The value of that block on one line, "{name: ..., layers: 32}".
std::string model_value(const HfModel& model);

struct ImportHfOptions {
  std::filesystem::path file;
  std::filesystem::path out;  ///< the block; empty: printed
  OutputFormat format = OutputFormat::Table;
};
/// Returns the exit code. @throws InputError
int import_hf_config(const ImportHfOptions& options);

}  // namespace scenarios
