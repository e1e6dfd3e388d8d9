#include "sim/data/dataset.hpp"

#include "topology/names.hpp"

namespace sim {

namespace {

using topology::Named;

constexpr std::array kModalities{
    Named<Modality>{Modality::Text, "text"},   Named<Modality>{Modality::Image, "image"},
    Named<Modality>{Modality::Video, "video"}, Named<Modality>{Modality::Audio, "audio"},
    Named<Modality>{Modality::Multimodal, "multimodal"},
    Named<Modality>{Modality::Sensor, "sensor"}};

}  // namespace

std::string_view name(Modality modality) {
  return name_in(kModalities, modality);
}
std::optional<Modality> modality_from_name(std::string_view name) {
  return value_in(kModalities, name);
}

}  // namespace sim
