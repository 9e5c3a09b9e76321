// What the fake's parts know of each other's streams: see README.md.
#pragma once

#include "cuda_runtime.h"

/// Whether this thread captures what it puts into some stream.
bool fake_capturing();
/// Does all work in all streams, as getting rid of memory does; an error within a capture.
cudaError_t fake_wait_for_all();
/// Memory that is the device's for a while.
void fake_lend(const void* data, std::size_t bytes);
void fake_take_back(const void* data);
/// One more copy from the host, done or put into a graph.
void fake_count_upload();
/// Whether page-locked memory holds all of these bytes.
bool fake_is_pinned(const void* data, std::size_t bytes);
