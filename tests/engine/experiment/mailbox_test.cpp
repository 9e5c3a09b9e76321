// The only way from a worker to the window: never torn, never backwards, the newest in the end.
#include "engine/experiment/mailbox.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace fieldscope {
namespace {

TEST(Mailbox, StartsEmpty) {
  Mailbox<int> mailbox;
  EXPECT_FALSE(mailbox.collect());
  EXPECT_EQ(mailbox.latest(), 0);
}

TEST(Mailbox, GivesTheNewestOnce) {
  Mailbox<std::string> mailbox;
  mailbox.publish("a");
  mailbox.publish("b");
  mailbox.publish("c");
  EXPECT_TRUE(mailbox.collect());
  EXPECT_EQ(mailbox.latest(), "c");
  EXPECT_FALSE(mailbox.collect());
  EXPECT_EQ(mailbox.latest(), "c");
  mailbox.publish("d");
  EXPECT_EQ(mailbox.latest(), "c");  // until it is collected
  EXPECT_TRUE(mailbox.collect());
  EXPECT_EQ(mailbox.latest(), "d");
}

TEST(Mailbox, ManyValuesFromOneThreadToAnother) {
  struct Message {
    std::uint64_t serial = 0;
    std::vector<std::uint64_t> body;  // on the heap, so that a torn value is also a bad access
  };
  constexpr std::uint64_t last = 200000;
  Mailbox<Message> mailbox;
  std::thread writer([&] {
    for (std::uint64_t serial = 1; serial <= last; ++serial)
      mailbox.publish({serial, std::vector<std::uint64_t>(1 + serial % 40, serial)});
  });
  std::uint64_t seen = 0, torn = 0, backwards = 0, collected = 0;
  while (seen < last) {
    const bool fresh = mailbox.collect();
    const Message& message = mailbox.latest();
    if (fresh) {
      ++collected;
      backwards += message.serial <= seen;
      torn += message.body.size() != 1 + message.serial % 40;
    } else {
      backwards += message.serial != seen;
    }
    torn += std::any_of(message.body.begin(), message.body.end(),
                        [&](std::uint64_t number) { return number != message.serial; });
    seen = message.serial;
  }
  writer.join();
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(backwards, 0u);
  EXPECT_GT(collected, 0u);
  EXPECT_FALSE(mailbox.collect());
}

}  // namespace
}  // namespace fieldscope
