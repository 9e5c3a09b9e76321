// How alike two pictures look: beside psnr() in image.h, the measure that papers on radiance fields
// report. Any thread.
#pragma once

#include "engine/data/image.h"

namespace fieldscope {

/// Structural similarity (Wang, Bovik, Sheikh and Simoncelli 2004, equation 13) of pictures with
/// numbers in [0, 1]: windows of 11 x 11 weighted by a Gaussian of sigma 1.5, K1 = 0.01, K2 = 0.03,
/// the mean over all windows that lie within the picture and over the channels. It is what
/// scikit-image's structural_similarity gives with gaussian_weights=True,
/// use_sample_covariance=False and data_range=1. 1 for equal pictures; NaN where a side is below
/// 11 pixels, so that no window fits. Throws UsageError on pictures of different shapes.
double ssim(const Image& a, const Image& b);

}  // namespace fieldscope
