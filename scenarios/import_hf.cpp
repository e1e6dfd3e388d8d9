#include "scenarios/import_hf.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"
#include "scenarios/entries.hpp"
#include "scenarios/format.hpp"
#include "scenarios/hf_readers.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/values.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

namespace {

const HfReader& reader_for(const Values& in) {
  const std::string type = in.text("model_type");
  const std::span<const HfReader> readers = hf_readers();
  const auto known = std::find_if(readers.begin(), readers.end(),
                                  [&type](const HfReader& r) { return r.model_type == type; });
  if (known == readers.end()) {
    in.refuse("model_type",
              fmt::format("\"{}\" is none of the architectures that are read here ({}); write the "
                          "model block by hand, as the files under catalog/models do",
                          type.substr(0, 60), fmt::join(hf_model_types(), ", ")));
  }
  return *known;
}

/// The configuration's own name, or that of the folder it lies in, as downloads have it.
std::string name_of(const Values& in, const std::filesystem::path& file) {
  if (in.has("_name_or_path") && !in.text("_name_or_path").empty()) {
    return in.text("_name_or_path");
  }
  const std::string folder = file.parent_path().filename().string();
  return folder.empty() || folder == "." || folder == ".." ? in.text("model_type") : folder;
}

std::string written(const Json& value) {
  if (value.is_string()) {
    return value.dump(-1, ' ', true, Json::error_handler_t::replace);
  }
  if (!value.is_object()) {
    return value.dump();
  }
  std::vector<std::string> inner;
  for (const auto& [key, one] : value.items()) {
    inner.push_back(fmt::format("{}: {}", key, written(one)));
  }
  return fmt::format("{{{}}}", fmt::join(inner, ", "));
}

/// The reader of scenarios reads what was made: it is what simulate will be given.
HfModel finished(const HfBlock& block, const std::string& type, const std::string& name) {
  HfModel result{.model_type = type, .model = {}, .keys = {}, .remarks = block.remarks()};
  for (const auto& [key, value] : block.model().items()) {
    result.keys.emplace_back(key, written(value));
  }
  const Document made = read_yaml_text(model_value(result), "the model made of " + name);
  check_schema(made, "model");
  result.model = read_model(made, {}, nullptr);
  return result;
}

}  // namespace

std::vector<std::string_view> hf_model_types() {
  std::vector<std::string_view> types;
  for (const HfReader& reader : hf_readers()) {
    types.push_back(reader.model_type);
  }
  return types;
}

HfModel read_hf_config(const std::string& text, const std::filesystem::path& file) {
  const Document config = read_yaml_text(text, file.string());  // JSON is YAML
  check_schema(config, "hf_config");
  const Values in(config, {});
  const HfReader& reader = reader_for(in);
  HfBlock block;
  block.text("name", name_of(in, file));
  reader.read(in, block);
  block.text("source", fmt::format("Hugging Face {}, model_type {}", file.filename().string(),
                                   reader.model_type));
  return finished(block, std::string(reader.model_type), file.string());
}

HfModel read_hf_config(const std::filesystem::path& file) {
  return read_hf_config(read_text(file), file);
}

std::string model_block(const HfModel& model) {
  const sim::ParameterCount count = sim::parameters(model.model);
  std::string text = fmt::format("# {} parameters, {} of them used by a token\n",
                                 format_count(count.total()), format_count(count.active));
  for (const std::string& remark : model.remarks) {
    text += fmt::format("# {}\n", remark);
  }
  text += "model:\n";
  for (const auto& [key, value] : model.keys) {
    text += fmt::format("  {}: {}\n", key, value);
  }
  return text;
}

std::string model_value(const HfModel& model) {
  std::vector<std::string> items;
  for (const auto& [key, value] : model.keys) {
    items.push_back(fmt::format("{}: {}", key, value));
  }
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

int import_hf_config(const ImportHfOptions& options) {
  const HfModel found = read_hf_config(options.file);
  const std::string block = model_block(found);
  if (options.format == OutputFormat::Json) {
    const sim::ParameterCount count = sim::parameters(found.model);
    Json model = Json::object();
    for (const auto& [key, value] : found.keys) {
      model[key] = read_yaml_value(value, options.file.string());
    }
    fmt::print("{}\n", Json{{"file", options.file.string()},
                            {"model_type", found.model_type},
                            {"model", std::move(model)},
                            {"parameters", count.total()},
                            {"active_parameters", count.active},
                            {"remarks", found.remarks},
                            {"block", block}}
                           .dump(2));
  } else if (options.out.empty()) {
    fmt::print("{}", block);
  }
  if (!options.out.empty()) {
    write_file(options.out, block);
  }
  return 0;
}

}  // namespace scenarios
