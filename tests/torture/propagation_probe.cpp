// Visitors connect to each hub directly, not through the balancer.
#include "tests/torture/propagation_probe.hpp"

#include "tests/support/visitor.hpp"

namespace torture {

std::chrono::milliseconds propagation_probe::measure(std::chrono::milliseconds patience) {
  const auto text = "word " + std::to_string(record_.posts.size());
  std::vector<std::unique_ptr<test::visitor>> visitors;
  for (std::size_t i = 0; i < testbed_.hubs(); ++i)
    visitors.push_back(std::make_unique<test::visitor>(testbed_.hub(i)));
  const auto sender = random_.between<std::size_t>(0, visitors.size() - 1);
  auto& post = record_.posts.emplace_back(::torture::post{{"lobby"}, text, text, {}});
  const auto began = clock::now();
  const test::deadline until = patience;
  visitors[sender]->say(text, text);
  for (std::size_t i = 0; i < visitors.size(); ++i)
    try {
      // The ack may come before or after the message.
      for (bool shown = false; !shown || (i == sender && !post.ack);) {
        auto frame = visitors[i]->next(until);
        if (frame.at("type") == "ack")
          post.ack = receipt{frame.at("id"), frame.at("user_message_number")};
        shown |= frame.at("type") == "message" && frame.at("text") == text;
      }
    } catch (const test::timeout&) {
      throw test::timeout{"hub " + std::to_string(i + 1) + " has not shown \"" + text +
                          "\", sent at hub " + std::to_string(sender + 1) + ", within " +
                          std::to_string(patience.count()) + " ms"};
    }
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
}

} // namespace torture
