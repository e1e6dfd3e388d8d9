#pragma once
// XML files of untrusted origin, element by element. Expat stays in xml.cpp.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "topology/error.hpp"

namespace topology {

/// The attributes of one element: name, value, name, value ...; valid during the call only.
class XmlAttributes {
 public:
  explicit XmlAttributes(std::span<const char* const> pairs) : pairs_(pairs) {}
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::span<const char* const> pairs_;
};

/// Takes elements in the order of the file. What its functions throw ends the reading and is passed
/// on by read_xml().
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  XmlHandler(const XmlHandler&) = delete;
  XmlHandler& operator=(const XmlHandler&) = delete;
  /// `name` comes without a namespace prefix.
  virtual void open(std::string_view name, const XmlAttributes& attributes,
                    const Location& where) = 0;
  /// `text` is what stood in the element itself, between its children; only the first
  /// kLongestXmlValue + 1 letters are kept (drawing programs put pictures into texts).
  virtual void close(std::string_view name, std::string_view text, const Location& where) = 0;

 protected:
  XmlHandler() = default;
};

/// Bounds of a file; generous for graphs and machines, tight for what wants to fill memory.
inline constexpr int kDeepestXml = 64;
inline constexpr std::size_t kLongestXmlValue =
    4096;  ///< of an attribute, or of a text that counts

/// Reads `text` from end to end.
/// @throws InputError with file and line for what is not well-formed XML, declares entities, or is
/// nested or worded beyond the bounds above.
void read_xml(std::string_view text, const std::string& file, XmlHandler& handler);

}  // namespace topology
