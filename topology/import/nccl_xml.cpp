#include "topology/import/nccl_xml.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "topology/import/text_file.hpp"
#include "topology/import/xml.hpp"

namespace topology {

namespace {

using Pci = NcclSystem::Pci;
using PciKind = NcclSystem::PciKind;

constexpr std::size_t kMostParts = 100'000;  ///< of one kind in one machine

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Reads elements with the stack of what is open around them.
class NcclReader final : public XmlHandler {
 public:
  void open(std::string_view name, const XmlAttributes& attributes,
            const Location& where) override {
    if (stack_.empty() && name != "system") {
      throw InputError(
          where, {}, fmt::format("found <{}>, expected <system>, as NCCL writes it", shown(name)));
    }
    Frame frame = stack_.empty() ? Frame{} : stack_.back();
    const Attributes in(attributes, where, name);
    if (name == "cpu") {
      frame.cpu = open_cpu(in);
    } else if (name == "pci") {
      frame.pci = open_pci(in, frame);
    } else if (name == "gpu") {
      open_gpu(in, frame);
    } else if (name == "nvlink") {
      open_nvlink(in, frame);
    } else if (name == "c2c") {
      open_c2c(in, frame);
    } else if (name == "pcilink") {
      add(system_.pci_links, {pci_of(in, frame), lower(in.required("target")), where.line}, in);
    } else if (name == "nic" && frame.pci >= 0) {
      system_.pci[index(frame.pci)].kind = PciKind::Nic;
    } else if (name == "net") {
      open_net(in, frame);
    }
    stack_.push_back(frame);
  }

  void close(std::string_view /*name*/, std::string_view /*text*/,
             const Location& /*where*/) override {
    stack_.pop_back();
  }

  NcclSystem take(const std::string& file) {
    for (const Pci& device : system_.pci) {
      buses_.emplace(device.bus_id, true);
    }
    const auto check = [&](const std::string& target, int line) {
      if (!buses_.contains(target)) {
        throw InputError({file, line}, "target",
                         fmt::format("there is no PCI device \"{}\" in this file", shown(target)));
      }
    };
    for (const auto& link : system_.pci_links) {
      check(link.target, link.line);
    }
    for (const auto& link : system_.nvlinks) {
      if (!link.to_switch && !link.to_cpu) {
        check(link.target, link.line);
      }
    }
    if (system_.of_kind(PciKind::Gpu).empty()) {
      throw InputError({file, 1}, {},
                       "there is no GPU in this file: no <gpu> and no PCI device of class 0x03");
    }
    return std::move(system_);
  }

 private:
  struct Frame {
    int cpu = -1, pci = -1;
  };

  /// The attributes of one element, with its place for messages.
  class Attributes {
   public:
    Attributes(const XmlAttributes& values, const Location& where, std::string_view element)
        : values_(values), where_(where), element_(element) {}
    [[noreturn]] void refuse(std::string_view message) const {
      throw InputError(where_, element_, message);
    }
    [[nodiscard]] const Location& where() const { return where_; }
    [[nodiscard]] std::string text(std::string_view name) const {
      return clean(values_.find(name).value_or(""));
    }
    [[nodiscard]] std::string required(std::string_view name) const {
      const auto value = values_.find(name);
      if (!value || value->empty()) {
        refuse(fmt::format("it has no {}", name));
      }
      return clean(*value);
    }
    [[nodiscard]] double number(std::string_view name, double fallback, double least,
                                double most) const {
      const auto text = values_.find(name);
      if (!text || text->empty()) {
        return fallback;
      }
      double value = 0;
      const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), value);
      if (error != std::errc{} || rest != text->data() + text->size() || !std::isfinite(value) ||
          value < least || value > most) {
        refuse(fmt::format("{} is \"{}\", expected a number from {} to {}", name, shown(*text),
                           least, most));
      }
      return value;
    }
    [[nodiscard]] int whole(std::string_view name, int fallback, int least, int most) const {
      const double value = number(name, fallback, least, most);
      if (value != std::floor(value)) {
        refuse(fmt::format("{} is {}, expected a whole number", name, value));
      }
      return static_cast<int>(value);
    }

   private:
    /// Names go to terminals and into comments.
    static std::string clean(std::string_view text) {
      std::string out(text);
      std::replace_if(
          out.begin(), out.end(),
          [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, '?');
      return out;
    }

    const XmlAttributes& values_;
    const Location& where_;
    std::string_view element_;
  };

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }

  template <class T>
  static int add(std::vector<T>& list, T value, const Attributes& in) {
    if (list.size() >= kMostParts) {
      in.refuse(fmt::format("there are more than {} of them", kMostParts));
    }
    list.push_back(std::move(value));
    return static_cast<int>(list.size() - 1);
  }

  static int pci_of(const Attributes& in, const Frame& frame) {
    if (frame.pci < 0) {
      in.refuse("it stands outside of a <pci>");
    }
    return frame.pci;
  }

  int open_cpu(const Attributes& in) {
    constexpr int kMany = 1'000'000;
    return add(system_.cpus,
               {.numa = in.whole("numaid", 0, -1, kMany),
                .arch = in.text("arch"),
                .vendor = in.text("vendor"),
                .family = in.whole("familyid", 0, 0, kMany),
                .model = in.whole("modelid", 0, 0, kMany),
                .line = in.where().line},
               in);
  }

  static PciKind kind_of(std::string_view pci_class) {
    return pci_class.starts_with("0x03")   ? PciKind::Gpu
           : pci_class.starts_with("0x02") ? PciKind::Nic
                                           : PciKind::Switch;
  }

  int open_pci(const Attributes& in, const Frame& frame) {
    if (frame.cpu < 0) {
      in.refuse("it stands outside of a <cpu>");
    }
    Pci device;
    device.kind = kind_of(lower(in.required("class")));
    device.bus_id = lower(in.required("busid"));
    if (!buses_.emplace(device.bus_id, true).second) {
      in.refuse(fmt::format("the bus id \"{}\" is there twice", shown(device.bus_id)));
    }
    device.vendor = lower(in.text("vendor"));
    device.device = lower(in.text("device"));
    device.cpu = frame.cpu;
    device.parent = frame.pci;
    device.line = in.where().line;
    const int width = in.whole("link_width", 0, 0, 1024);
    device.width = width == 0 ? 16 : width;
    read_speed(in.text("link_speed"), device);
    return add(system_.pci, std::move(device), in);
  }

  /// "16 GT/s", "16.0 GT/s PCIe"; what NCCL does not know counts as 8 GT/s.
  static void read_speed(std::string_view text, Pci& device) {
    static constexpr std::array kSpeeds{2.5, 5.0, 8.0, 16.0, 32.0, 64.0};
    double speed = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
    const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
    const bool known = error == std::errc{} && unit.starts_with(" GT/s") &&
                       std::find(kSpeeds.begin(), kSpeeds.end(), speed) != kSpeeds.end();
    if (known) {
      device.gigatransfers = speed;
      device.speed_given = true;
    }
  }

  void open_gpu(const Attributes& in, const Frame& frame) {
    Pci& device = system_.pci[index(pci_of(in, frame))];
    device.kind = PciKind::Gpu;
    constexpr int kMany = 10'000'000;
    if (const int sm = in.whole("sm", 0, 0, 10'000); sm > 0) {
      device.compute_capability = sm;
    }
    device.rank = in.whole("rank", -1, -1, kMany);
    device.number = in.whole("dev", -1, -1, kMany);
  }

  void open_nvlink(const Attributes& in, const Frame& frame) {
    const std::string kind = lower(in.text("tclass"));
    (void)in.required("count");
    add(system_.nvlinks,
        {.gpu = pci_of(in, frame),
         .target = lower(in.required("target")),
         .count = in.whole("count", 0, 1, 1000),
         .to_switch = kind.starts_with("0x068000"),
         .to_cpu = kind.starts_with("0x068001") || kind.starts_with("0x06040"),
         .line = in.where().line},
        in);
  }

  /// `bw` is in MB/s per link, as NCCL reads it.
  void open_c2c(const Attributes& in, const Frame& frame) {
    const double megabytes = in.number("bw", 0, 0, 1e9) * in.number("count", 1, 1, 1000);
    if (megabytes > 0) {
      add(system_.c2c, {pci_of(in, frame), units::bytes_per_second(megabytes * 1e6)}, in);
    }
  }

  void open_net(const Attributes& in, const Frame& frame) {
    if (frame.cpu < 0) {
      in.refuse("it stands outside of a <cpu>");
    }
    constexpr double kSlowest = 10'000;  // NCCL: some drivers say -1
    const double megabits = in.number("speed", 0, -1, 1e9);
    add(system_.nets,
        {.pci = frame.pci,
         .cpu = frame.cpu,
         .name = in.text("name"),
         .port = in.whole("port", 1, 0, 1000),
         .megabits = megabits > 0 ? megabits : kSlowest,
         .speed_given = megabits > 0,
         .gpu_direct = in.whole("gdr", 0, 0, 1) == 1},
        in);
  }

  NcclSystem system_;
  std::vector<Frame> stack_;
  std::unordered_map<std::string, bool> buses_;
};

/// PCI devices from `device` up to, and without, its CPU.
std::vector<int> ancestors(const NcclSystem& system, int device) {
  std::vector<int> chain;
  for (int at = device; at >= 0; at = system.pci[static_cast<std::size_t>(at)].parent) {
    chain.push_back(at);
  }
  return chain;
}

}  // namespace

std::vector<int> NcclSystem::of_kind(PciKind kind) const {
  std::vector<int> found;
  for (std::size_t i = 0; i < pci.size(); ++i) {
    if (pci[i].kind == kind) {
      found.push_back(static_cast<int>(i));
    }
  }
  return found;
}

int NcclSystem::nvlinks_of(int gpu) const {
  int count = 0;
  for (const NvLink& link : nvlinks) {
    count += link.gpu == gpu ? link.count : 0;
  }
  return count;
}

NcclSystem parse_nccl_xml(std::string_view text, const std::string& file) {
  NcclReader reader;
  read_xml(text, file, reader);
  return reader.take(file);
}

NcclSystem read_nccl_xml(const std::filesystem::path& path) {
  return parse_nccl_xml(read_text_file(path), path.string());
}

LinkRate pcie_rate(const NcclSystem::Pci& device) {
  const double coding = device.gigatransfers <= 5    ? 8.0 / 10
                        : device.gigatransfers <= 32 ? 128.0 / 130
                                                     : 242.0 / 256;
  const double lanes = device.width;
  // NCCL counts 6 Gbit/s for 8 GT/s, and the others in proportion.
  return {units::gigabits_per_second(device.gigatransfers * coding * lanes),
          units::gigabits_per_second(device.gigatransfers * 6 / 8 * lanes)};
}

LinkRate nvlink_rate(std::optional<int> compute_capability) {
  const auto rate = [](double nominal, double nccl) {
    return LinkRate{units::gigabytes_per_second(nominal), units::gigabytes_per_second(nccl)};
  };
  const int sm = compute_capability.value_or(80);
  return sm >= 100  ? rate(50, 40.1)
         : sm >= 90 ? rate(25, 20.6)
         : sm == 86 ? rate(14.0625, 12)  // four lanes of 28.125 Gbit/s
         : sm >= 70 ? rate(25, 20)
                    : rate(20, 18);
}

LinkRate socket_rate(const NcclSystem::Cpu& cpu) {
  const auto same = [](double rate) {
    return LinkRate{units::gigabytes_per_second(rate), units::gigabytes_per_second(rate)};
  };
  constexpr int kSkylake = 0x55, kSapphireRapids = 0x8F, kEmeraldRapids = 0xCF;
  if (cpu.arch == "ppc64") {
    return same(32);
  }
  if (cpu.vendor == "AuthenticAMD") {
    return same(16);
  }
  if (cpu.vendor == "GenuineIntel" && cpu.family == 6) {
    return same(cpu.model >= kEmeraldRapids    ? 40
                : cpu.model >= kSapphireRapids ? 22
                : cpu.model >= kSkylake        ? 10
                                               : 6);
  }
  return same(6);
}

std::string_view name(NcclDistance distance) {
  switch (distance) {
    case NcclDistance::Pix:
      return "PIX";
    case NcclDistance::Pxb:
      return "PXB";
    case NcclDistance::Phb:
      return "PHB";
    case NcclDistance::Sys:
      return "SYS";
  }
  return "?";
}

NcclDistance distance(const NcclSystem& system, int pci_a, int pci_b) {
  const std::vector<int> a = ancestors(system, pci_a);
  const std::vector<int> b = ancestors(system, pci_b);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto met = std::find(b.begin(), b.end(), a[i]);
    if (met != b.end()) {
      // Switches passed: those above a up to where they meet, and those above b before that.
      const std::size_t switches =
          std::max<std::size_t>(i, 1) + static_cast<std::size_t>(met - b.begin()) - 1;
      return switches <= 1 ? NcclDistance::Pix : NcclDistance::Pxb;
    }
  }
  const auto cpu = [&](int i) { return system.pci[static_cast<std::size_t>(i)].cpu; };
  return cpu(pci_a) == cpu(pci_b) ? NcclDistance::Phb : NcclDistance::Sys;
}

}  // namespace topology
