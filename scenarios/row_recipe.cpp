#include "scenarios/row_recipe.hpp"

namespace scenarios {

namespace {

bool says(std::string_view where, std::string_view what) {
  return where.find(what) != std::string_view::npos;
}

}  // namespace

std::string framework_id(const Fields& f) {
  const std::string_view family = f.text("framework_family");
  const std::string_view text = f.text("framework");
  const std::string_view notes = f.text("notes");
  const int year = f.integer("year").value_or(2024);
  if (family == "megatron") {
    if (year <= 2022 || text == "NeMo Megatron") {
      return "megatron-2022";
    }
    const bool recipes = says(text, "NeMo") || says(text, "Megatron-Bridge") ||
                         says(text, "Megatron-Core") || says(text, "MegaScale");
    return recipes ? "megatron-recipes" : "megatron";
  }
  if (family == "fsdp" && says(text, "compile")) {
    return "fsdp-compiled";
  }
  if (family == "fsdp2" && (says(text, "AutoModel") || says(notes, "eager"))) {
    return "fsdp2-eager";
  }
  return std::string(family);
}

std::string tower_framework_id(const Fields& f) {
  const std::string_view text = f.text("framework");
  if (says(text, "MLPerf")) {
    return "torch-fused";
  }
  return says(text, "Composer") ? "composer" : "torch-amp";
}

void add_lora_recipe(const Fields& f, sim::Training& t) {
  if (t.job != sim::Job::Lora && t.job != sim::Job::Qlora) {
    return;
  }
  const std::string_view text = f.text("framework");
  if (says(text, "MLPerf")) {
    // training_policies, llama2_70b_lora: rank 16 on the attention's projections.
    t.lora_targets = sim::LoraTargets::Attention;
  } else if (says(text, "Megatron-Bridge")) {
    // recipes/llama: llama3_70b LoRA for performance sets target_modules to linear_qkv, dim 16.
    t.lora_targets = sim::LoraTargets::Qkv;
  } else if (says(text, "NeMo") && says(text, "LoRA") && f.text("framework_family") == "megatron") {
    // NeMo's conf/megatron_gpt_finetuning_config.yaml: attention_qkv, adapter_dim 32.
    t.lora_targets = sim::LoraTargets::Qkv;
    t.lora_rank = 32;
  }
}

bool recomputes_by_recipe(const Fields& f) {
  // AutoModel's examples/llm_benchmark: activation_checkpointing is true in the LoRA recipes with
  // tensor parallelism and absent from those for one device.
  return f.text("recompute_id").empty() && says(f.text("framework"), "AutoModel LoRA") &&
         f.degree("tp") > 1;
}

}  // namespace scenarios
