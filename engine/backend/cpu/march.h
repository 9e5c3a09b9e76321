// Rays seen by the host, which asks a backend for nothing but the field's numbers.
#pragma once

#include "engine/backend/backend.h"

namespace fieldscope {

/// What Backend::march() is on a backend whose memory is the host's.
std::size_t march_on_host(Backend& backend, const Network& network, const Buffer& weights,
                          const RayBundle& bundle, std::span<RayColour> seen);

}  // namespace fieldscope
