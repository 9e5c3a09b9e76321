// Stand-in for Google Highway's hwy/foreach_target.h: the source is compiled once. See highway.h
// beside it.
#pragma once

#include <hwy/targets.h>
