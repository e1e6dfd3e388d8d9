#include "calib/import/known_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace calib {

namespace {

using topology::NetworkKind;

/// Words and the catalog name they mean; the first that occurs wins, so longer names come first.
struct Word {
  std::string_view text, accelerator;
};
constexpr std::array kAccelerators{
    Word{"gb300", "gb300"},     Word{"gb200", "gb200"},   Word{"gh200", "gh200"},
    Word{"b300", "b300-sxm"},   Word{"b200", "b200-sxm"}, Word{"h200", "h200-sxm"},
    Word{"h100", "h100-sxm"},   Word{"h800", "h800"},     Word{"h20", "h20"},
    Word{"a100-40", "a100-40"}, Word{"a100", "a100-80"},  Word{"l40s", "l40s"},
    Word{"v100", "v100"},       Word{"mi355x", "mi355x"}, Word{"mi325x", "mi325x"},
    Word{"mi300x", "mi300x"}};

struct NetworkWord {
  std::string_view text;
  NetworkKind kind;
};
constexpr std::array kNetworks{
    NetworkWord{"RoCE", NetworkKind::Roce},         NetworkWord{"Spectrum-X", NetworkKind::Roce},
    NetworkWord{"EFA", NetworkKind::Efa},           NetworkWord{"TCPX", NetworkKind::Ethernet},
    NetworkWord{"Slingshot", NetworkKind::Unknown}, NetworkWord{"IB", NetworkKind::Infiniband}};

// Instance pages of AWS and Google Cloud; the catalog's fabrics have the rates and their sources.
constexpr std::array kMachines{
    CloudMachine{"p5en", "p5en-ultracluster", "h200-sxm", 8, NetworkKind::Efa},
    CloudMachine{"p5.48xlarge", "p5-ultracluster", "h100-sxm", 8, NetworkKind::Efa},
    CloudMachine{"p4d", "p4d-ultracluster", "a100-40", 8, NetworkKind::Efa},
    CloudMachine{"a3mega", "a3-mega-cluster", "h100-sxm", 8, NetworkKind::Ethernet},
    CloudMachine{"a3-mega", "a3-mega-cluster", "h100-sxm", 8, NetworkKind::Ethernet}};

std::string lower(std::string_view text) {
  std::string low(text);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return low;
}

}  // namespace

std::string accelerator_in(std::string_view text) {
  const std::string low = lower(text);
  const auto found =
      std::find_if(kAccelerators.begin(), kAccelerators.end(),
                   [&low](const Word& w) { return low.find(w.text) != std::string::npos; });
  return found == kAccelerators.end() ? std::string() : std::string(found->accelerator);
}

NetworkKind network_in(std::string_view text) {
  const auto found = std::find_if(
      kNetworks.begin(), kNetworks.end(),
      [text](const NetworkWord& word) { return text.find(word.text) != std::string_view::npos; });
  return found == kNetworks.end() ? NetworkKind::None : found->kind;
}

NetworkKind network_of(Transport transport) {
  switch (transport) {
    case Transport::Infiniband:
      return NetworkKind::Infiniband;
    case Transport::Roce:
      return NetworkKind::Roce;
    case Transport::Efa:
      return NetworkKind::Efa;
    case Transport::Socket:
      return NetworkKind::Ethernet;
    case Transport::Nvlink:
    case Transport::Pcie:
    case Transport::SharedDevice:
      return NetworkKind::None;
    case Transport::Unknown:
      break;
  }
  return NetworkKind::Unknown;
}

Transport transport_of(NetworkKind network) {
  switch (network) {
    case NetworkKind::Infiniband:
      return Transport::Infiniband;
    case NetworkKind::Roce:
      return Transport::Roce;
    case NetworkKind::Efa:
      return Transport::Efa;
    default:
      return Transport::Unknown;
  }
}

std::optional<CloudMachine> cloud_machine_in(std::string_view text) {
  const std::string low = lower(text);
  for (const CloudMachine& machine : kMachines) {
    if (low.find(machine.word) != std::string::npos) {
      return machine;
    }
  }
  return std::nullopt;
}

}  // namespace calib
