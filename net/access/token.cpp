#include "net/access/token.hpp"

#include "actors/person.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hubbub {

namespace {

using nlohmann::json;
using clock = std::chrono::system_clock;

/// Reads a NumericDate (RFC 7519, section 2), which may have a fraction and may be any number.
std::optional<clock::time_point> read_date(const json& claim) {
  if (!claim.is_number())
    return {};
  constexpr double max_seconds = 9e9; // the year 2255, within the range of the clock
  const std::chrono::duration<double> since(
      std::clamp(claim.get<double>(), -max_seconds, max_seconds));
  return clock::time_point(std::chrono::duration_cast<clock::duration>(since));
}

/// Returns the name without control characters, cut to `max_name` code points.
std::string printable_name(const std::string& name) {
  std::string out;
  std::size_t characters = 0;
  for (const char c : name) {
    if ((c & 0xc0) != 0x80 && ++characters > token_key::max_name)
      break;
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
      out += c;
  }
  return out;
}

std::optional<identity> read_claims(const json& claims, clock::time_point now, std::string& why) {
  const auto reject = [&why](const char* reason) {
    why = reason;
    return std::nullopt;
  };
  identity out;
  if (!claims.is_object())
    return reject("its claims are no JSON object");
  if (const auto exp = claims.find("exp"); exp != claims.end()) {
    const auto at = read_date(*exp);
    if (!at)
      return reject("exp is no number");
    if (now >= *at + token_key::leeway)
      return reject("exp has passed");
    out.expires_at = *at + token_key::leeway;
  }
  if (const auto nbf = claims.find("nbf"); nbf != claims.end()) {
    const auto at = read_date(*nbf);
    if (!at)
      return reject("nbf is no number");
    if (now + token_key::leeway < *at)
      return reject("nbf is still to come");
  }
  if (const auto rooms = claims.find("rooms"); rooms != claims.end()) {
    if (!rooms->is_array())
      return reject("rooms is no list");
    if (!std::all_of(rooms->begin(), rooms->end(), [](const json& r) { return r.is_string(); }))
      return reject("rooms has something other than names");
    out.rooms = std::make_shared<room_filter>(rooms->get<std::vector<std::string>>());
  }
  std::string issuer, subject;
  if (const auto iss = claims.find("iss"); iss != claims.end()) {
    if (!iss->is_string())
      return reject("iss is no text");
    issuer = iss->get<std::string>();
  }
  if (const auto sub = claims.find("sub"); sub != claims.end()) {
    if (!sub->is_string())
      return reject("sub is no text");
    subject = sub->get<std::string>();
  }
  author_profile by{printable_name(subject), {}, true};
  if (!subject.empty())
    by.person = person_of_token(issuer, subject);
  out.by = std::make_shared<const author_profile>(std::move(by));
  return out;
}

} // namespace

std::optional<identity> token_key::check(std::string_view token, clock::time_point now,
                                         std::string& why) const {
  const auto claims = verified_payload(token, key_, why);
  return claims ? read_claims(json::parse(*claims, nullptr, false), now, why) : std::nullopt;
}

} // namespace hubbub
