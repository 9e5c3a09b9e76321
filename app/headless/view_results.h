// What a NeRF run leaves besides its weights: every held-out view as the field sees it, next to its
// photograph, with PSNR and SSIM. Used by the main thread.
#pragma once

#include <filesystem>
#include <memory>

#include "app/headless/run.h"

namespace fieldscope {

/// Renders and measures all held-out views with the run's last weights; runs of other tasks are
/// left as they are. After Ctrl-C, also one that ended the training, it goes on for two seconds and
/// at least until there is one view; a second Ctrl-C ends the program.
void add_views(RunResult& result, std::shared_ptr<ThreadPool> pool, const InterruptGuard& interrupt,
               bool quiet);

/// views.csv and, in views/, for each view NAME.png, NAME-depth.png and NAME-error.png, which shows
/// |error| as figures do. Throws DataError.
void write_views(const std::filesystem::path& folder, const RunResult& result);

/// "25 held-out views: PSNR 21.30 dB (18.20 to 24.10), SSIM 0.8520\n", after an interruption
/// "3 of 25 held-out views: ..."; empty without views.
std::string views_text(const RunResult& result);

}  // namespace fieldscope
