// Past the balancer, for every hub is to be heard.
#include "tests/torture/herald.hpp"

#include "tests/support/visitor.hpp"

namespace torture {

std::chrono::milliseconds herald::carry(std::chrono::milliseconds patience) {
  const auto word = "word " + std::to_string(said_.posts.size());
  std::vector<std::unique_ptr<test::visitor>> people;
  for (std::size_t i = 0; i < stage_.hubs(); ++i)
    people.push_back(std::make_unique<test::visitor>(stage_.hub(i)));
  const auto speaks = dice_.between<std::size_t>(0, people.size() - 1);
  auto& post = said_.posts.emplace_back(::torture::post{{"lobby"}, word, word, {}});
  const auto began = clock::now();
  const test::deadline until = patience;
  people[speaks]->say(word, word);
  for (std::size_t i = 0; i < people.size(); ++i)
    try {
      // The ack may come before the message or behind it.
      for (bool shown = false; !shown || (i == speaks && !post.ack);) {
        auto frame = people[i]->next(until);
        if (frame.at("type") == "ack")
          post.ack = receipt{frame.at("id"), frame.at("user_message_number")};
        shown |= frame.at("type") == "message" && frame.at("text") == word;
      }
    } catch (const test::timeout&) {
      throw test::timeout{"hub " + std::to_string(i + 1) + " has not shown \"" + word +
                          "\", said at hub " + std::to_string(speaks + 1) + ", within " +
                          std::to_string(patience.count()) + " ms"};
    }
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
}

} // namespace torture
