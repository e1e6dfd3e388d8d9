#include "scenarios/consistency.hpp"

#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/plan/placement.hpp"

namespace scenarios {

namespace {

/// The numbers up to `most` for which `fits` holds, as "1, 2, 4 or 8".
std::string choices(int most, const std::function<bool(int)>& fits) {
  constexpr std::size_t kMost = 8;
  std::vector<int> list;
  for (int i = 1; i <= most; ++i) {
    if (fits(i)) {
      list.push_back(i);
    }
  }
  if (list.size() > kMost) {  // the largest are what people mean
    list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(kMost));
  }
  if (list.empty()) {
    return "another value";
  }
  const int last = list.back();
  list.pop_back();
  return list.empty() ? fmt::format("{}", last)
                      : fmt::format("{} or {}", fmt::join(list, ", "), last);
}

class Check {
 public:
  Check(const Scenario& scenario, const Document& document)
      : s_(scenario),
        l_(scenario.layout),
        t_(scenario.training),
        m_(scenario.model),
        c_(scenario.cluster),
        document_(document) {}

  void layout() const {
    towers();
    tensor_parallel();
    context_parallel();
    world_size();
    pipeline();
    experts();
    batch();
    sharding();
    order();
  }

  void precision() const {
    const auto has = [this](topology::Precision p) {
      return c_.accelerator.peak[static_cast<std::size_t>(p)] > units::FlopsPerSecond{};
    };
    if (has(t_.precision)) {
      return;
    }
    std::vector<std::string_view> known;
    for (std::size_t i = 0; i < topology::kPrecisionCount; ++i) {
      const auto p = static_cast<topology::Precision>(i);
      if (has(p) && p != topology::Precision::Int8) {
        known.push_back(topology::name(p));
      }
    }
    refuse("/training/precision",
           fmt::format("{} has no {} unit; use {}", c_.accelerator.name,
                       topology::name(t_.precision), fmt::join(known, ", ")));
  }

 private:
  void towers() const {
    if (!m_.has_towers()) {
      return;
    }
    const auto only_one = [this](std::string_view key, int degree) {
      if (degree > 1) {
        refuse(fmt::format("/layout/{}", key),
               fmt::format("{} consists of towers, which only the batch can split; set {} to 1",
                           m_.name, key));
      }
    };
    only_one("tp", l_.tp);
    only_one("pp", l_.pp);
    only_one("cp", l_.cp);
    if (t_.job == sim::Job::Lora || t_.job == sim::Job::Qlora) {
      refuse("/training/job",
             "adapters are modelled for transformer language models; use sft, and "
             "training: frozen for towers of the model that stay as they are");
    }
    if (t_.activation_offload) {
      refuse("/training/activation_offload",
             "is modelled for transformer language models only; use recompute: full");
    }
  }

  [[noreturn]] void refuse(std::string_view pointer, const std::string& message) const {
    throw topology::InputError(document_.place(pointer).value, key_path(pointer), message);
  }

  void world_size() const {
    const long others = static_cast<long>(l_.tp) * l_.pp * l_.cp;
    if (others > c_.gpus) {
      refuse("/layout", fmt::format("tp {} x pp {} x cp {} needs {} accelerators, but the cluster "
                                    "has {}; lower one of them or raise "
                                    "cluster.gpus",
                                    l_.tp, l_.pp, l_.cp, others, c_.gpus));
    }
    const long world = others * l_.dp;
    if (world == c_.gpus) {
      return;
    }
    const std::string product =
        fmt::format("tp {} x pp {} x cp {} x dp {} = {}, but the cluster has {} accelerators",
                    l_.tp, l_.pp, l_.cp, l_.dp, world, c_.gpus);
    refuse("/layout/dp",
           c_.gpus % others == 0
               ? fmt::format("{}; set dp to {} or cluster.gpus to {}", product, c_.gpus / others,
                             world)
               : fmt::format("{}; set cluster.gpus to {}, or change tp, pp or cp", product, world));
  }

  bool places_evenly(int tp) const {
    const auto nests = [tp](int size) { return size % tp == 0 || tp % size == 0; };
    return nests(c_.scale_up_domain) || nests(c_.gpus_per_node);
  }

  void tensor_parallel() const {
    const auto fits = [this](int tp) {
      return m_.heads % tp == 0 && (m_.kv_heads % tp == 0 || tp % m_.kv_heads == 0) &&
             m_.ffn_hidden % tp == 0 && places_evenly(tp);
    };
    if (fits(l_.tp)) {
      return;
    }
    const std::string instead = choices(std::max(c_.scale_up_domain, c_.gpus_per_node), fits);
    if (m_.heads % l_.tp != 0) {
      refuse("/layout/tp", fmt::format("{} does not divide {} attention heads; use {}", l_.tp,
                                       m_.heads, instead));
    }
    if (m_.ffn_hidden % l_.tp != 0) {
      refuse("/layout/tp", fmt::format("{} does not divide ffn_hidden = {}; use {}", l_.tp,
                                       m_.ffn_hidden, instead));
    }
    if (!places_evenly(l_.tp)) {
      refuse("/layout/tp",
             fmt::format("groups of {} do not fit evenly into scale-up domains of {}; use {}",
                         l_.tp, c_.scale_up_domain, instead));
    }
    refuse("/layout/tp",
           fmt::format("{} neither divides {} key-value heads nor is a multiple of them; use {}",
                       l_.tp, m_.kv_heads, instead));
  }

  void pipeline() const {
    const int layers = m_.layers + m_.encoder_layers;
    const long chunks = static_cast<long>(l_.pp) * l_.virtual_stages;
    // The first chunk may hold only the embedding and the last only the logits, as in Llama 3
    // (arXiv 2407.21783, 3.3.2).
    const long most = l_.pp == 1 ? layers : layers + 2;
    if (chunks > most) {
      refuse(l_.virtual_stages > 1 ? "/layout/virtual_stages" : "/layout/pp",
             fmt::format("pp {} x virtual_stages {} = {} model chunks are more than {} layers can "
                         "fill; use at most {} chunks",
                         l_.pp, l_.virtual_stages, chunks, layers, most));
    }
    const bool interleaved = l_.schedule == sim::Schedule::Interleaved;
    zero_bubble();
    if (interleaved && l_.virtual_stages == 1) {
      refuse("/layout/schedule",
             "interleaved needs layout.virtual_stages above 1; set it, or use 1f1b");
    }
    if (interleaved && l_.pp == 1) {
      refuse("/layout/pp",
             "interleaving needs a pipeline of at least 2 stages; set layout.pp, or virtual_stages "
             "to 1");
    }
    if (!interleaved && l_.virtual_stages > 1) {
      refuse("/layout/schedule", fmt::format("{} has one chunk per stage; use interleaved, or set "
                                             "layout.virtual_stages to 1",
                                             sim::name(l_.schedule)));
    }
  }

  void zero_bubble() const {
    if (l_.schedule != sim::Schedule::ZeroBubble) {
      return;
    }
    if (!s_.framework.zero_bubble) {
      refuse("/layout/schedule",
             fmt::format("{} does not split its backward pass, which zb-h1 takes; use framework: "
                         "zero-bubble, or framework: {{base: {}, zero_bubble: true}} where yours "
                         "does",
                         s_.framework.id, s_.framework.id));
    }
    if (l_.pp == 1) {
      refuse("/layout/pp",
             "zb-h1 needs a pipeline of at least 2 stages; set layout.pp, or "
             "schedule to 1f1b");
    }
    if (l_.shards_every_pass()) {
      refuse("/layout/sharding",
             "zb-h1 keeps weights and gradients in place until the end of the "
             "step; use ddp, zero1 or zero2");
    }
    if (t_.recompute == sim::Recompute::Full) {
      refuse("/training/recompute",
             "full recomputation would have to keep what it computed again until the weight "
             "gradients that zb-h1 puts off; use none or selective, or schedule 1f1b");
    }
  }

  void context_parallel() const {
    if (t_.sequence_length % l_.cp != 0) {
      refuse("/layout/cp", fmt::format("{} does not divide sequences of {} tokens; use {}", l_.cp,
                                       t_.sequence_length, choices(64, [this](int cp) {
                                         return t_.sequence_length % cp == 0 && cp <= c_.gpus;
                                       })));
    }
    if (l_.sequence_parallel && t_.sequence_length / l_.cp % l_.tp != 0) {
      refuse("/layout/sequence_parallel",
             fmt::format(
                 "{} tokens per rank do not split over tp = {}; change training.sequence_length",
                 t_.sequence_length / l_.cp, l_.tp));
    }
    if (l_.context_parallel == sim::ContextParallel::Ulysses && m_.heads / l_.tp % l_.cp != 0) {
      refuse("/layout/cp", fmt::format("ulysses splits the {} heads of a rank, which {} does not "
                                       "divide; use ring or all-gather",
                                       m_.heads / l_.tp, l_.cp));
    }
  }

  void experts() const {
    if (!m_.moe) {
      if (l_.ep > 1) {
        refuse("/layout/ep", fmt::format("{} has no experts to spread; set ep to 1", m_.name));
      }
      return;
    }
    if (m_.moe->experts % l_.ep != 0) {
      refuse("/layout/ep", fmt::format("{} does not divide {} experts; use {}", l_.ep,
                                       m_.moe->experts, choices(m_.moe->experts, [this](int ep) {
                                         return m_.moe->experts % ep == 0;
                                       })));
    }
    const int expert_tp = l_.expert_tp == 0 ? l_.tp : l_.expert_tp;
    const long ranks = static_cast<long>(l_.tp) * l_.cp * l_.dp;
    if (ranks % (static_cast<long>(expert_tp) * l_.ep) != 0) {
      refuse("/layout/ep",
             fmt::format("groups of expert_tp {} x ep {} do not divide the {} ranks of a pipeline "
                         "stage (tp x cp x dp); use {}",
                         expert_tp, l_.ep, ranks, choices(m_.moe->experts, [&](int ep) {
                           return m_.moe->experts % ep == 0 &&
                                  ranks % (static_cast<long>(expert_tp) * ep) == 0;
                         })));
    }
  }

  void batch() const {
    const long unit = static_cast<long>(l_.dp) * t_.micro_batch;
    if (t_.global_batch % unit != 0) {
      const long below = t_.global_batch / unit * unit;
      refuse("/training/global_batch",
             fmt::format("{} is no multiple of dp {} x micro_batch {} = {}; use {}{}",
                         t_.global_batch, l_.dp, t_.micro_batch, unit,
                         below > 0 ? fmt::format("{} or ", below) : std::string(), below + unit));
    }
    const long micro_batches = t_.global_batch / unit;
    if (l_.schedule == sim::Schedule::Interleaved && micro_batches % l_.pp != 0) {
      const long up = (micro_batches / l_.pp + 1) * l_.pp * unit;
      refuse("/training/global_batch",
             fmt::format("interleaving needs the {} micro-batches of a replica to be a multiple of "
                         "pp = {}; use a global_batch of {}, or "
                         "schedule 1f1b with virtual_stages 1",
                         micro_batches, l_.pp, up));
    }
  }

  void sharding() const {
    if (l_.shard_degree == 0) {
      return;
    }
    if (l_.sharding == sim::Sharding::Ddp) {
      refuse("/layout/shard_degree",
             "sharding ddp splits nothing; set layout.sharding to zero1, zero2 or zero3");
    }
    if (const int ranks = l_.dp * l_.cp; ranks % l_.shard_degree != 0) {
      refuse("/layout/shard_degree",
             fmt::format("{} does not divide the {} data-parallel ranks (dp x cp); use {}",
                         l_.shard_degree, ranks,
                         choices(ranks, [ranks](int n) { return ranks % n == 0; })));
    }
  }

  void order() const {
    if (!sim::groups_nest(l_)) {
      refuse("/layout/order",
             fmt::format("{} takes groups of experts or shards (ep, expert_tp, shard_degree) apart "
                         "in uneven pieces; use tp-cp-ep-dp-pp, which leaves them whole",
                         sim::name(l_.order)));
    }
  }

  const Scenario& s_;
  const sim::Layout& l_;
  const sim::Training& t_;
  const sim::ModelSpec& m_;
  const topology::ClusterSpec& c_;
  const Document& document_;
};

}  // namespace

void check_consistency(const Scenario& scenario, const Document& document, LayoutIs layout) {
  const Check check(scenario, document);
  if (layout == LayoutIs::Given) {
    check.layout();
  }
  check.precision();
}

}  // namespace scenarios
