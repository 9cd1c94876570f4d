// The query of a request for a page of history.
// Knows: the parameters of /messages, and their errors. Must not know: rows, answers.
#pragma once

#include "actors/page_request.hpp"
#include "net/http/problem.hpp"
#include "net/http/request_target.hpp"

#include <variant>
#include <vector>

namespace hubbub {

/// Returns the page that the parameters ask for, or the error of the first wrong parameter.
std::variant<page_request, problem> read_page_query(const std::vector<query_parameter>& parameters);

/// Returns the address of the page after a page that ends with the row `last`, relative to
/// `/messages`.
std::string next_page(const page_request& page, row_id last);

} // namespace hubbub
