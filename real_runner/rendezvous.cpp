#include "real_runner/rendezvous.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "topology/error.hpp"

namespace real_runner {

namespace {

using Clock = std::chrono::steady_clock;
using topology::RuntimeFailure;

constexpr std::string_view kGreeting = "gpuplan-runner/1";
constexpr std::uint32_t kLongestMessage = 1U << 20;  // bytes; ours are far shorter

std::string system_error() {
  return std::generic_category().message(errno);
}

/// Owns a file descriptor.
class Socket {
 public:
  explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

class Deadline {
 public:
  explicit Deadline(units::Seconds patience)
      : end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                std::chrono::duration<double>(patience.base()))) {}
  [[nodiscard]] bool passed() const { return Clock::now() >= end_; }
  [[nodiscard]] int milliseconds_left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - Clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
  }

 private:
  Clock::time_point end_;
};

/// Whether the socket is ready for `events` before the deadline.
bool wait_for(const Socket& socket, short events, const Deadline& deadline) {
  for (;;) {
    pollfd waiting{.fd = socket.get(), .events = events, .revents = 0};
    const int ready = ::poll(&waiting, 1, deadline.milliseconds_left());
    if (ready > 0) {
      return true;
    }
    if (ready == 0 || errno != EINTR) {
      return false;
    }
  }
}

enum class Outcome { Done, Gone, Silent };

Outcome send_all(const Socket& socket, const char* data, std::size_t size,
                 const Deadline& deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLOUT, deadline)) {
      return Outcome::Silent;
    }
    const ssize_t sent = ::send(socket.get(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR || errno == EAGAIN) {
        continue;
      }
      return Outcome::Gone;
    }
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return Outcome::Done;
}

Outcome receive_all(const Socket& socket, char* data, std::size_t size, const Deadline& deadline) {
  while (size > 0) {
    if (!wait_for(socket, POLLIN, deadline)) {
      return Outcome::Silent;
    }
    const ssize_t received = ::recv(socket.get(), data, size, MSG_DONTWAIT);
    if (received < 0 && (errno == EINTR || errno == EAGAIN)) {
      continue;
    }
    if (received <= 0) {
      return Outcome::Gone;
    }
    data += received;
    size -= static_cast<std::size_t>(received);
  }
  return Outcome::Done;
}

Outcome send_message(const Socket& socket, const std::string& text, const Deadline& deadline) {
  const auto size = htonl(static_cast<std::uint32_t>(text.size()));
  std::string framed(sizeof size, '\0');
  std::memcpy(framed.data(), &size, sizeof size);
  framed += text;
  return send_all(socket, framed.data(), framed.size(), deadline);
}

std::pair<Outcome, std::string> receive_message(const Socket& socket, const Deadline& deadline) {
  std::uint32_t size = 0;
  std::array<char, sizeof size> head{};
  if (const Outcome outcome = receive_all(socket, head.data(), head.size(), deadline);
      outcome != Outcome::Done) {
    return {outcome, {}};
  }
  std::memcpy(&size, head.data(), sizeof size);
  size = ntohl(size);
  if (size > kLongestMessage) {
    return {Outcome::Gone, {}};
  }
  std::string text(size, '\0');
  const Outcome outcome = receive_all(socket, text.data(), text.size(), deadline);
  return {outcome, std::move(text)};
}

void no_delay(const Socket& socket) {
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket listen_at(int port) {
  Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1, off = 0;
  sockaddr_in6 any6{};
  any6.sin6_family = AF_INET6;
  any6.sin6_port = htons(static_cast<std::uint16_t>(port));
  bool bound = false;
  if (socket) {
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any6), sizeof any6) == 0;
  }
  if (!bound && errno != EADDRINUSE) {  // a system without IPv6
    socket = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in any4{};
    any4.sin_family = AF_INET;
    any4.sin_port = htons(static_cast<std::uint16_t>(port));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any4), sizeof any4) == 0;
  }
  if (!bound || ::listen(socket.get(), SOMAXCONN) != 0) {
    throw RuntimeFailure(fmt::format(
        "rank 0 cannot listen at port {} for the other ranks: {}; set MASTER_PORT to a free port",
        port, system_error()));
  }
  return socket;
}

/// One attempt; an empty socket where nobody listens yet.
Socket connect_once(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    throw RuntimeFailure(
        fmt::format("the host name \"{}\" of rank 0 is not known here: {}; set MASTER_ADDR to a "
                    "name or address "
                    "that every node can reach",
                    address, gai_strerror(error)));
  }
  Socket connected;
  for (const addrinfo* at = found; at != nullptr && !connected; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    if (socket && ::connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0) {
      connected = std::move(socket);
    }
  }
  ::freeaddrinfo(found);
  return connected;
}

[[noreturn]] void lost(int rank, Outcome outcome) {
  throw RuntimeFailure(fmt::format(
      "rank {} {}; look at its output for the reason, then start the run again: what was measured "
      "until now is in the records",
      rank, outcome == Outcome::Silent ? "has not answered in time" : "is gone"));
}

}  // namespace

/// Rank 0 holds a socket per other rank (its own place is empty), the others one to rank 0.
class Rendezvous::Peers {
 public:
  Peers(const RankPlace& place, units::Seconds patience) : patience_(patience) {
    if (place.rank == 0) {
      accept_all(place);
    } else {
      connect_to_first(place);
    }
  }

  std::vector<std::string> gather(const std::string& mine) {
    std::vector<std::string> all(sockets_.size());
    all[0] = mine;
    const Deadline deadline(patience_);
    for (std::size_t rank = 1; rank < sockets_.size(); ++rank) {
      auto [outcome, text] = receive_message(sockets_[rank], deadline);
      check(outcome, rank);
      all[rank] = std::move(text);
    }
    return all;
  }

  void scatter(const std::string& text) {
    const Deadline deadline(patience_);
    for (std::size_t rank = 1; rank < sockets_.size(); ++rank) {
      check(send_message(sockets_[rank], text, deadline), rank);
    }
  }

  void send_to_first(const std::string& text) {
    check(send_message(sockets_[0], text, Deadline(patience_)), 0);
  }

  std::string receive_from_first() {
    // Rank 0 answers once the slowest of the others has spoken: it may wait `patience` for that
    // one.
    auto [outcome, text] = receive_message(sockets_[0], Deadline(patience_ * 2));
    check(outcome, 0);
    return text;
  }

 private:
  static void check(Outcome outcome, std::size_t rank) {
    if (outcome != Outcome::Done) {
      lost(static_cast<int>(rank), outcome);
    }
  }

  void accept_all(const RankPlace& place) {
    const Socket door = listen_at(place.master_port);
    sockets_.resize(static_cast<std::size_t>(place.world_size));
    const Deadline deadline(patience_);
    for (int missing = place.world_size - 1; missing > 0;) {
      if (!wait_for(door, POLLIN, deadline)) {
        throw RuntimeFailure(fmt::format(
            "{} of {} ranks have not come to {}:{} within {:.0f} s; check that they were started "
            "and "
            "reach this host (MASTER_ADDR, MASTER_PORT, firewall)",
            missing, place.world_size, place.master_address, place.master_port, patience_.base()));
      }
      Socket guest(::accept4(door.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!guest) {
        continue;
      }
      no_delay(guest);
      missing -= greet(std::move(guest), place.world_size) ? 1 : 0;
    }
  }

  /// False for a stranger, who is sent away.
  bool greet(Socket guest, int world_size) {
    const Deadline deadline(units::seconds(5));
    const auto [outcome, text] = receive_message(guest, deadline);
    const std::string expected = fmt::format("{} of {} rank ", kGreeting, world_size);
    if (outcome != Outcome::Done || text.rfind(expected, 0) != 0) {
      send_message(guest, "refused", deadline);
      return false;
    }
    const auto rank = static_cast<std::size_t>(std::stoi(text.substr(expected.size())));
    if (rank == 0 || rank >= sockets_.size() || sockets_[rank]) {
      throw RuntimeFailure(
          fmt::format("two processes say that they are rank {}; check how the run "
                      "is started",
                      rank));
    }
    sockets_[rank] = std::move(guest);
    check(send_message(sockets_[rank], "welcome", deadline), rank);
    return true;
  }

  void connect_to_first(const RankPlace& place) {
    const Deadline deadline(patience_);
    Socket socket;
    while (!(socket = connect_once(place.master_address, place.master_port))) {
      if (deadline.passed()) {
        throw RuntimeFailure(fmt::format(
            "rank {} does not reach rank 0 at {}:{} within {:.0f} s; check that rank 0 was started "
            "and that MASTER_ADDR and MASTER_PORT are right",
            place.rank, place.master_address, place.master_port, patience_.base()));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    no_delay(socket);
    check(send_message(socket,
                       fmt::format("{} of {} rank {}", kGreeting, place.world_size, place.rank),
                       deadline),
          0);
    const auto [outcome, answer] = receive_message(socket, deadline);
    if (outcome != Outcome::Done || answer != "welcome") {
      throw RuntimeFailure(fmt::format(
          "{}:{} does not take rank {} of {}; another program or another run listens there: set "
          "MASTER_PORT to a free port",
          place.master_address, place.master_port, place.rank, place.world_size));
    }
    sockets_.push_back(std::move(socket));
  }

  units::Seconds patience_;
  std::vector<Socket> sockets_;
};

Rendezvous::Rendezvous(const RankPlace& place, units::Seconds patience)
    : place_(place),
      peers_(place.world_size > 1 ? std::make_unique<Peers>(place, patience) : nullptr) {}

Rendezvous::~Rendezvous() = default;

std::vector<std::string> Rendezvous::exchange(const std::string& mine) {
  if (!peers_) {
    return {mine};
  }
  std::vector<std::string> all;
  if (place_.rank == 0) {
    all = peers_->gather(mine);
    std::string joined;
    for (const std::string& each : all) {
      const auto size = static_cast<std::uint32_t>(each.size());
      joined.append(reinterpret_cast<const char*>(&size), sizeof size);
      joined += each;
    }
    peers_->scatter(joined);
    return all;
  }
  peers_->send_to_first(mine);
  const std::string joined = peers_->receive_from_first();
  for (std::size_t at = 0; at + sizeof(std::uint32_t) <= joined.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, joined.data() + at, sizeof size);
    all.push_back(joined.substr(at + sizeof size, size));
    at += sizeof size + size;
  }
  return all;
}

std::string Rendezvous::broadcast(const std::string& from_rank_0) {
  return exchange(place_.rank == 0 ? from_rank_0 : std::string{}).front();
}

double Rendezvous::maximum(double mine) {
  double most = mine;
  for (const std::string& each : exchange(fmt::format("{:.17g}", mine))) {
    most = std::max(most, std::stod(each));
  }
  return most;
}

double Rendezvous::sum(double mine) {
  double total = 0;
  for (const std::string& each : exchange(fmt::format("{:.17g}", mine))) {
    total += std::stod(each);
  }
  return total;
}

void Rendezvous::barrier() {
  (void)exchange("");
}

}  // namespace real_runner
