#include "real_runner/rendezvous.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "topology/error.hpp"

namespace real_runner {
namespace {

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

/// Runs `rank` in a thread per rank; ranks are processes in earnest, sockets do not mind.
void with_ranks(int ranks, const std::function<void(const RankPlace&)>& rank) {
  const int port = free_port();
  std::vector<std::thread> threads;
  for (int r = 0; r < ranks; ++r) {
    threads.emplace_back([&, r] {
      RankPlace place;
      place.rank = r;
      place.world_size = ranks;
      place.master_port = port;
      rank(place);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST(Rendezvous, GivesEverybodyWhatEachSaid) {
  std::atomic<int> right = 0;
  with_ranks(5, [&](const RankPlace& place) {
    Rendezvous rendezvous(place);
    const auto all = rendezvous.exchange(std::string(static_cast<std::size_t>(place.rank), 'x'));
    bool good = all.size() == 5;
    for (std::size_t r = 0; good && r < all.size(); ++r) {
      good = all[r] == std::string(r, 'x');
    }
    good = good && rendezvous.maximum(place.rank * 1.5) == 6.0 && rendezvous.sum(1) == 5.0;
    good = good && rendezvous.broadcast(std::string("\0id", 3)) == std::string("\0id", 3);
    rendezvous.barrier();
    right += good ? 1 : 0;
  });
  EXPECT_EQ(right, 5);
}

TEST(Rendezvous, AloneOpensNothingAndAgreesWithItself) {
  Rendezvous rendezvous(RankPlace{});
  EXPECT_EQ(rendezvous.exchange("me"), std::vector<std::string>{"me"});
  EXPECT_EQ(rendezvous.maximum(-3), -3);
}

TEST(Rendezvous, NamesARankThatIsGone) {
  std::string message;
  with_ranks(3, [&](const RankPlace& place) {
    Rendezvous rendezvous(place, units::seconds(5));
    rendezvous.barrier();
    if (place.rank == 2) {
      return;  // leaves without a word
    }
    try {
      rendezvous.barrier();
    } catch (const topology::RuntimeFailure& e) {
      if (place.rank == 0) {
        message = e.what();
      }
    }
  });
  EXPECT_THAT(message, testing::HasSubstr("rank 2 is gone"));
}

TEST(Rendezvous, NamesARankThatIsSilent) {
  std::string message;
  with_ranks(2, [&](const RankPlace& place) {
    Rendezvous rendezvous(place, units::seconds(0.2));
    if (place.rank == 1) {
      std::this_thread::sleep_for(std::chrono::milliseconds(600));
      return;
    }
    try {
      rendezvous.barrier();
    } catch (const topology::RuntimeFailure& e) {
      message = e.what();
    }
  });
  EXPECT_THAT(message, testing::HasSubstr("rank 1 has not answered in time"));
}

TEST(Rendezvous, SaysHowManyRanksDoNotCome) {
  RankPlace place;
  place.world_size = 3;
  place.master_port = free_port();
  try {
    const Rendezvous rendezvous(place, units::seconds(0.1));
    FAIL() << "expected an error";
  } catch (const topology::RuntimeFailure& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("2 of 3 ranks have not come"));
  }
}

}  // namespace
}  // namespace real_runner
