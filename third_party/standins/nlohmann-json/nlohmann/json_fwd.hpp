// Stand-in for nlohmann/json_fwd.hpp: see json.hpp beside it.
#pragma once

namespace nlohmann {

template <bool ordered>
class basic_json;
using json = basic_json<false>;         ///< objects sorted by key
using ordered_json = basic_json<true>;  ///< objects as they were filled

}  // namespace nlohmann
