#include "real_runner/step.hpp"

#include "real_runner/cuda_check.hpp"
#include "real_runner/stopwatch.hpp"

namespace real_runner {

namespace {

constexpr std::size_t kBf16 = 2, kFp32 = 4;

std::size_t bytes(std::int64_t elements, std::size_t of_one) {
  return static_cast<std::size_t>(elements) * of_one;
}

void* element(const DeviceMemory& memory, std::int64_t index) {
  return memory.as<unsigned char>() + bytes(index, kBf16);
}

}  // namespace

// Weights in one array, in this order: embedding, layers, final norm, head. So do their gradients
// and AdamW's state.
struct Trainer::Parts {
  const Device& device;
  LayerSizes sizes;
  std::int64_t vocab, layer_count, replicas;
  LayerProducts products;
  Linear head;
  DeviceMemory weights, gradients, master, first_moment, second_moment;
  DeviceMemory tokens, labels, losses, inverse, norm_sum;
  std::vector<DeviceMemory> streams;  // the input of each layer, last the output of all
  DeviceMemory normed, logits, d_stream;
  Scratch scratch;
  std::vector<Layer> layers;
  std::int64_t step = 0;

  Parts(const Device& on, const Blas& blas, const calib::StepMeasurement& what, int candidates)
      : device(on),
        sizes(layer_sizes(what.model, what.micro_batch)),
        vocab(what.model.vocab.value_or(32000)),
        layer_count(what.layers),
        replicas(what.dp),
        products(on, blas, sizes, candidates),
        head(on, blas, sizes.rows(), sizes.hidden, vocab, candidates),
        weights(bytes(count(), kBf16)),
        gradients(bytes(count(), kBf16)),
        master(bytes(count(), kFp32)),
        first_moment(bytes(count(), kFp32)),
        second_moment(bytes(count(), kFp32)),
        tokens(bytes(sizes.rows(), sizeof(std::int32_t))),
        labels(bytes(sizes.rows(), sizeof(std::int32_t))),
        losses(bytes(sizes.rows(), kFp32)),
        inverse(bytes(sizes.rows(), kFp32)),
        norm_sum(bytes(sizes.hidden, kFp32)),
        normed(bytes(sizes.rows() * sizes.hidden, kBf16)),
        logits(bytes(sizes.rows() * vocab, kBf16)),
        d_stream(bytes(sizes.rows() * sizes.hidden, kBf16)),
        scratch(sizes) {
    initialise();
    for (std::int64_t i = 0; i <= layer_count; ++i) {
      streams.emplace_back(bytes(sizes.rows() * sizes.hidden, kBf16));
    }
    layers.reserve(static_cast<std::size_t>(layer_count));
    for (std::int64_t i = 0; i < layer_count; ++i) {
      layers.emplace_back(device, sizes, products, element(weights, layer_at(i)),
                          element(gradients, layer_at(i)));
    }
    fill_ones(device, element(weights, norm_at()), sizes.hidden);
    enqueue_to_fp32(device, device.stream(), weights.as<void>(), master.as<float>(), count());
  }

  void initialise() {
    // Deviation 0.02, as GPT models are initialised (Radford et al. 2019).
    fill_random_bf16(device, weights.as<void>(), static_cast<std::size_t>(count()), 1, 0.02F);
    for (const DeviceMemory* moment : {&first_moment, &second_moment}) {
      check(cudaMemsetAsync(moment->as<void>(), 0, moment->bytes(), device.stream()),
            "cudaMemsetAsync");
    }
    fill_tokens(device, tokens.as<std::int32_t>(), sizes.rows(), vocab);
    fill_tokens(device, labels.as<std::int32_t>(), sizes.rows(), vocab / 2);
  }

  [[nodiscard]] std::int64_t layer_at(std::int64_t layer) const {
    return vocab * sizes.hidden + layer * sizes.parameters();
  }
  [[nodiscard]] std::int64_t norm_at() const { return layer_at(layer_count); }
  [[nodiscard]] std::int64_t head_at() const { return norm_at() + sizes.hidden; }
  [[nodiscard]] std::int64_t count() const { return head_at() + vocab * sizes.hidden; }
  [[nodiscard]] void* stream_of(std::int64_t layer) const {
    return streams[static_cast<std::size_t>(layer)].as<void>();
  }
};

Trainer::Trainer(const Device& device, const Blas& blas, const calib::StepMeasurement& what,
                 int candidates)
    : parts_(std::make_unique<Parts>(device, blas, what, candidates)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;

void Trainer::forward() {
  Parts& p = *parts_;
  const cudaStream_t stream = p.device.stream();
  enqueue_gather(stream, p.weights.as<void>(), p.tokens.as<std::int32_t>(), p.stream_of(0),
                 p.sizes.rows(), p.sizes.hidden);
  for (std::int64_t i = 0; i < p.layer_count; ++i) {
    p.layers[static_cast<std::size_t>(i)].forward(stream, p.stream_of(i), p.stream_of(i + 1),
                                                  p.scratch);
  }
  enqueue_rms_norm(stream, p.stream_of(p.layer_count), element(p.weights, p.norm_at()),
                   p.normed.as<void>(), p.inverse.as<float>(), p.sizes.rows(), p.sizes.hidden);
  p.head.forward(stream, p.normed.as<void>(), element(p.weights, p.head_at()), p.logits.as<void>());
  const float scale = 1.0F / static_cast<float>(p.sizes.rows() * p.replicas);
  enqueue_cross_entropy(stream, p.logits.as<void>(), p.labels.as<std::int32_t>(),
                        p.losses.as<float>(), scale, p.sizes.rows(), p.vocab);
}

void Trainer::backward_head() {
  Parts& p = *parts_;
  const cudaStream_t stream = p.device.stream();
  p.head.weight_gradient(stream, p.logits.as<void>(), p.normed.as<void>(),
                         element(p.gradients, p.head_at()));
  p.head.data_gradient(stream, p.logits.as<void>(), element(p.weights, p.head_at()),
                       p.scratch.d_norm);
  enqueue_rms_norm_backward(
      p.device, stream, p.stream_of(p.layer_count), element(p.weights, p.norm_at()),
      p.inverse.as<float>(), p.scratch.d_norm, p.d_stream.as<void>(),
      element(p.gradients, p.norm_at()), p.norm_sum.as<float>(), p.sizes.rows(), p.sizes.hidden);
}

void Trainer::backward_layer(std::int64_t layer) {
  Parts& p = *parts_;
  p.layers[static_cast<std::size_t>(layer)].backward(p.device.stream(), p.stream_of(layer),
                                                     p.d_stream.as<void>(), p.d_stream.as<void>(),
                                                     p.scratch);
}

void Trainer::backward_embedding() {
  Parts& p = *parts_;
  check(cudaMemsetAsync(p.gradients.as<void>(), 0, bytes(p.vocab * p.sizes.hidden, kBf16),
                        p.device.stream()),
        "cudaMemsetAsync");
  enqueue_scatter_add(p.device.stream(), p.d_stream.as<void>(), p.tokens.as<std::int32_t>(),
                      p.gradients.as<void>(), p.sizes.rows(), p.sizes.hidden);
}

void Trainer::optimize() {
  Parts& p = *parts_;
  enqueue_adamw(p.device, p.device.stream(), p.master.as<float>(), p.first_moment.as<float>(),
                p.second_moment.as<float>(), p.gradients.as<void>(), p.weights.as<void>(), ++p.step,
                p.count());
}

Trainer::Part Trainer::gradients(std::int64_t part) const {
  const Parts& p = *parts_;
  const std::int64_t first = part == 0               ? 0
                             : part <= p.layer_count ? p.layer_at(part - 1)
                                                     : p.norm_at();
  const std::int64_t last = part == 0               ? p.layer_at(0)
                            : part <= p.layer_count ? p.layer_at(part)
                                                    : p.count();
  return {element(p.gradients, first), bytes(last - first, kBf16)};
}

std::int64_t Trainer::layers() const {
  return parts_->layer_count;
}
const Device& Trainer::device() const {
  return parts_->device;
}

double Trainer::loss() const {
  const Parts& p = *parts_;
  std::vector<float> losses(static_cast<std::size_t>(p.sizes.rows()));
  check(cudaStreamSynchronize(p.device.stream()), "waiting for the loss");
  check(cudaMemcpy(losses.data(), p.losses.as<float>(), losses.size() * sizeof(float),
                   cudaMemcpyDeviceToHost),
        "cudaMemcpy of the loss");
  double sum = 0;
  for (const float loss : losses) {
    sum += static_cast<double>(loss);
  }
  return sum / static_cast<double>(losses.size());
}

void train_alone(Trainer& trainer) {
  trainer.forward();
  trainer.backward_head();
  for (std::int64_t layer = trainer.layers(); layer-- > 0;) {
    trainer.backward_layer(layer);
  }
  trainer.backward_embedding();
  trainer.optimize();
}

void measure(const Device& device, const Blas& blas, const SamplingPolicy& policy, int candidates,
             calib::StepMeasurement& what) {
  Trainer trainer(device, blas, what, candidates);
  // Launched one by one, as a framework in eager mode does.
  what.measured = time_calls(
      device, policy, [&](cudaStream_t, std::int64_t) { train_alone(trainer); }, Launching::Direct);
}

namespace {

/// The replicas of this process, and a second stream each for their gradients.
class Replicas {
 public:
  Replicas(CollectiveBench& collectives, const std::vector<const Blas*>& blas,
           const calib::StepMeasurement& what, int candidates)
      : world_(collectives.world()), communicators_(collectives.own_choice()) {
    for (std::size_t i = 0; i < world_.local.size(); ++i) {
      world_.local[i]->make_current();
      trainers_.emplace_back(*world_.local[i], *blas[i], what, candidates);
      streams_.push_back(std::make_unique<Stream>());
      ready_.emplace_back();
      reduced_.emplace_back();
    }
  }

  void step() {
    const std::int64_t layers = trainers_.front().layers();
    each(&Trainer::forward);
    each(&Trainer::backward_head);
    reduce(layers + 1);
    for (std::int64_t layer = layers; layer-- > 0;) {
      for (std::size_t i = 0; i < trainers_.size(); ++i) {
        world_.local[i]->make_current();
        trainers_[i].backward_layer(layer);
      }
      reduce(layer + 1);
    }
    each(&Trainer::backward_embedding);
    reduce(0);
    for (std::size_t i = 0; i < trainers_.size(); ++i) {
      world_.local[i]->make_current();
      reduced_[i].record(streams_[i]->get());
      check(cudaStreamWaitEvent(world_.local[i]->stream(), reduced_[i].get(), 0),
            "cudaStreamWaitEvent");
    }
    each(&Trainer::optimize);
  }

 private:
  void each(void (Trainer::*action)()) {
    for (std::size_t i = 0; i < trainers_.size(); ++i) {
      world_.local[i]->make_current();
      (trainers_[i].*action)();
    }
  }

  /// Sums a part of the gradients over all ranks once it is final, beside what comes next.
  void reduce(std::int64_t part) {
    for (std::size_t i = 0; i < trainers_.size(); ++i) {
      world_.local[i]->make_current();
      ready_[i].record(world_.local[i]->stream());
      check(cudaStreamWaitEvent(streams_[i]->get(), ready_[i].get(), 0), "cudaStreamWaitEvent");
    }
    communicators_.group([&](std::size_t i) {
      const Trainer::Part gradients = trainers_[i].gradients(part);
      enqueue_collective(communicators_, world_, i, calib::Collective::AllReduce, gradients.bytes,
                         gradients.data, gradients.data, streams_[i]->get());
    });
  }

  const World& world_;
  Communicators& communicators_;
  std::vector<Trainer> trainers_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<Event> ready_, reduced_;
};

}  // namespace

void measure_data_parallel(CollectiveBench& collectives, const std::vector<const Blas*>& blas,
                           const SamplingPolicy& policy, int candidates,
                           calib::StepMeasurement& what) {
  Replicas replicas(collectives, blas, what, candidates);
  what.measured =
      time_in_step(collectives.world(), collectives.own_choice(), policy, [&] { replicas.step(); });
  if (collectives.world().shared_device) {
    what.measured.flags.push_back(calib::Flag::SharedDevice);
  }
}

}  // namespace real_runner
