#pragma once
#include "engine/data/image.h"
namespace fieldscope { double ssim(const Image& a, const Image& b); }
