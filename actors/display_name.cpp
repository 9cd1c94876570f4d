#include "actors/display_name.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <stdexcept>
#include <utility>

namespace hubbub {

namespace {

constexpr UChar32 braille_blank = 0x2800; ///< Is a symbol by its category and looks like a space.

/// Calls back with each code point, which is negative for a byte that is not UTF-8.
template<class Use>
void for_each_code_point(std::string_view text, const Use& use) {
  const auto size = std::int32_t(text.size());
  for (std::int32_t at = 0; at < size;) {
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    use(c);
  }
}

bool is_forbidden(UChar32 c) {
  constexpr auto categories = U_GC_CC_MASK | U_GC_CS_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK;
  return c < 0 || U_IS_UNICODE_NONCHAR(c) || (U_GET_GC_MASK(c) & categories) != 0 ||
         u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL);
}

bool is_ignored(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
}

bool is_visible(UChar32 c) {
  constexpr auto categories = U_GC_M_MASK | U_GC_Z_MASK | U_GC_CF_MASK;
  return c != braille_blank && (U_GET_GC_MASK(c) & categories) == 0 && !is_ignored(c) &&
         !u_isUWhiteSpace(c);
}

void check(UErrorCode status) {
  if (U_FAILURE(status))
    throw std::runtime_error(std::string("ICU fails: ") + u_errorName(status));
}

/// Calls a function of ICU that writes UTF-16, with more space if the first is too small.
template<class Write>
std::u16string written(std::size_t expected, const Write& write) {
  std::u16string out(expected, u'\0');
  for (;;) {
    auto status = U_ZERO_ERROR;
    const auto size = std::size_t(write(out.data(), std::int32_t(out.size()), &status));
    const bool fits = size <= out.size();
    if (status != U_BUFFER_OVERFLOW_ERROR)
      check(status);
    out.resize(size);
    if (fits)
      return out;
  }
}

/// Returns the name in UTF-16 without what a comparison ignores.
std::u16string plain(std::string_view name) {
  std::u16string out;
  bool space = false;
  for_each_code_point(name, [&](UChar32 c) {
    if (c < 0 || is_ignored(c))
      return;
    if (u_isUWhiteSpace(c)) {
      space = true;
      return;
    }
    if (std::exchange(space, false) && !out.empty())
      out += u' ';
    if (U_IS_BMP(c))
      out += char16_t(c);
    else
      (out += char16_t(U16_LEAD(c))) += char16_t(U16_TRAIL(c));
  });
  return out;
}

std::u16string folded(const std::u16string& text) {
  auto status = U_ZERO_ERROR;
  const auto* const fold = unorm2_getNFKCCasefoldInstance(&status);
  check(status);
  return written(text.size() + 16, [&](UChar* to, std::int32_t size, UErrorCode* error) {
    return unorm2_normalize(fold, text.data(), std::int32_t(text.size()), to, size, error);
  });
}

/// Is opened once. Threads: any, because a checker that is not changed is immutable. Lifetime: is
/// never closed, because detached threads may still use it when the process exits.
const USpoofChecker* spoof_checker() {
  static const USpoofChecker* const checker = [] {
    auto status = U_ZERO_ERROR;
    auto* const opened = uspoof_open(&status);
    check(status);
    return opened;
  }();
  return checker;
}

std::string skeleton(const std::u16string& text) {
  const auto made = written(text.size() + 16, [&](UChar* to, std::int32_t size, UErrorCode* error) {
    return uspoof_getSkeleton(spoof_checker(), 0, text.data(), std::int32_t(text.size()), to, size,
                              error);
  });
  std::string out;
  for (std::size_t at = 0; at < made.size();) {
    UChar32 c = 0;
    U16_NEXT(made.data(), at, made.size(), c);
    char bytes[U8_MAX_LENGTH];
    std::int32_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, c);
    out.append(bytes, std::size_t(size));
  }
  return out;
}

} // namespace

bool is_display_name(std::string_view text) {
  if (text.size() > max_display_name * U8_MAX_LENGTH)
    return false;
  std::size_t characters = 0;
  bool forbidden = false, visible = false;
  for_each_code_point(text, [&](UChar32 c) {
    ++characters;
    forbidden = forbidden || is_forbidden(c);
    visible = visible || (!forbidden && is_visible(c));
  });
  return visible && !forbidden && characters <= max_display_name;
}

name_skeletons skeletons_of(std::string_view name) {
  const auto text = plain(name);
  return {skeleton(text), skeleton(folded(text))};
}

} // namespace hubbub
