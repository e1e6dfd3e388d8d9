#include "topology/import/xml.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <type_traits>
#include <vector>

#include <expat.h>
#include <fmt/format.h>

namespace topology {

std::optional<std::string_view> XmlAttributes::find(std::string_view name) const {
  for (std::size_t i = 0; i + 1 < pairs_.size(); i += 2) {
    if (name == pairs_[i]) {
      return pairs_[i + 1];
    }
  }
  return std::nullopt;
}

namespace {

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class Reading {
 public:
  Reading(const std::string& file, XmlHandler& handler)
      : file_(file), handler_(handler), parser_(XML_ParserCreate(nullptr)) {
    if (parser_ == nullptr) {
      throw std::bad_alloc();
    }
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* self, const char* name, const char** pairs) {
          guarded(self, [&](Reading& r) { r.open(name, pairs); });
        },
        [](void* self, const char* name) { guarded(self, [&](Reading& r) { r.close(name); }); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* self, const char* text, int length) {
      guarded(self, [&](Reading& r) { r.text({text, static_cast<std::size_t>(length)}); });
    });
    XML_SetEntityDeclHandler(parser_.get(), [](void* self, const char*, int, const char*, int,
                                               const char*, const char*, const char*, const char*) {
      guarded(self, [](Reading& r) {
        r.refuse(
            "declares an entity, which is not read here; write out "
            "what it stands for");
      });
    });
  }

  void all(std::string_view text) {
    constexpr std::size_t kBlock = std::size_t{1} << 20U;  // Expat takes lengths as int
    for (std::size_t at = 0; at == 0 || at < text.size(); at += kBlock) {
      const std::string_view part = text.substr(at, kBlock);
      const bool last = at + kBlock >= text.size();
      if (XML_Parse(parser_.get(), part.data(), static_cast<int>(part.size()), last ? 1 : 0) !=
          XML_STATUS_OK) {
        if (failure_) {
          std::rethrow_exception(failure_);
        }
        refuse(fmt::format("this is not well-formed XML: {}",
                           XML_ErrorString(XML_GetErrorCode(parser_.get()))));
      }
    }
  }

 private:
  /// Exceptions must not pass through Expat, which is C: they wait until it has stopped.
  template <class Action>
  static void guarded(void* self, const Action& action) {
    auto& reading = *static_cast<Reading*>(self);
    if (reading.failure_) {
      return;
    }
    try {
      action(reading);
    } catch (...) {
      reading.failure_ = std::current_exception();
      XML_StopParser(reading.parser_.get(), XML_FALSE);
    }
  }

  [[nodiscard]] Location here() const {
    return {file_, static_cast<int>(
                       std::min<XML_Size>(XML_GetCurrentLineNumber(parser_.get()), 2'000'000'000))};
  }
  [[noreturn]] void refuse(std::string_view message) const {
    throw InputError(here(), {}, message);
  }

  void open(std::string_view name, const char** pairs) {
    if (texts_.size() >= static_cast<std::size_t>(kDeepestXml)) {
      refuse(fmt::format("elements are nested more than {} deep", kDeepestXml));
    }
    std::size_t count = 0;
    for (; pairs[count] != nullptr; ++count) {
      if (std::string_view(pairs[count]).size() > kLongestXmlValue) {
        refuse(fmt::format("an attribute has more than {} letters", kLongestXmlValue));
      }
    }
    texts_.emplace_back();
    handler_.open(local_name(name), XmlAttributes({pairs, count}), here());
  }

  void text(std::string_view part) {
    std::string& text = texts_.back();  // there is one: text outside the root is not well-formed
    if (text.empty()) {
      const std::size_t start = part.find_first_not_of(" \t\r\n");
      part.remove_prefix(start == std::string_view::npos ? part.size() : start);
    }
    text += part.substr(0, kLongestXmlValue + 1 - std::min(text.size(), kLongestXmlValue + 1));
  }

  void close(std::string_view name) {
    std::string text = std::move(texts_.back());
    texts_.pop_back();
    text.resize(text.find_last_not_of(" \t\r\n") + 1);
    handler_.close(local_name(name), text, here());
  }

  struct Free {
    void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
  };
  const std::string& file_;
  XmlHandler& handler_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, Free> parser_;
  std::vector<std::string> texts_;  ///< of the open elements
  std::exception_ptr failure_;
};

}  // namespace

void read_xml(std::string_view text, const std::string& file, XmlHandler& handler) {
  Reading(file, handler).all(text);
}

}  // namespace topology
