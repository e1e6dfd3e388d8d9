#pragma once
// A small training step: embedding, layers, loss, backward, AdamW; alone or data-parallel with the
// gradients of a layer all-reduced while the next one is computed.
#include <memory>
#include <vector>

#include "calib/records.hpp"
#include "real_runner/collectives.hpp"
#include "real_runner/gemm.hpp"
#include "real_runner/layer.hpp"

namespace real_runner {

/// One replica of the model on one device.
class Trainer {
 public:
  Trainer(const Device& device, const Blas& blas, const calib::StepMeasurement& what,
          int candidates);
  ~Trainer();
  Trainer(Trainer&&) noexcept;

  void forward();
  /// The loss' own gradient down to the last layer's output; head and final norm are then ready.
  void backward_head();
  void backward_layer(std::int64_t layer);
  void backward_embedding();
  void optimize();

  /// A part of the gradients that is final at once: 0 the embedding, 1.. the layers, last the head.
  struct Part {
    void* data = nullptr;
    std::size_t bytes = 0;
  };
  [[nodiscard]] Part gradients(std::int64_t part) const;
  [[nodiscard]] std::int64_t layers() const;
  [[nodiscard]] const Device& device() const;
  /// Mean over the tokens of the last forward pass. Waits for the device.
  [[nodiscard]] double loss() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Enqueues a whole step of one replica.
void train_alone(Trainer& trainer);

/// Fills in `what.measured` of a step on one device.
void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::StepMeasurement& what);

/// The same with a replica per rank; all ranks must call it alike.
void measure_data_parallel(CollectiveBench& collectives, const std::vector<const Blas*>& blas,
                           const SamplingPolicy& policy, int candidates,
                           calib::StepMeasurement& what);

}  // namespace real_runner
