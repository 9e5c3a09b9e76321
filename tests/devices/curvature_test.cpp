// A diagnosis of curvature on a GPU finds what it finds on the CPU.
#include <cmath>

#include "engine/curvature/study.h"
#include "engine/train/session.h"
#include "tests/devices/support.h"

namespace fieldscope {
namespace {

using namespace test;

class CurvatureOnAGpu : public testing::Test {
 protected:
  void SetUp() override { FIELDSCOPE_NEED_GPU(); }

  CurvatureReport study(const std::string& device, const std::string& activation) {
    RunConfig config;
    config.field.activation = activation;
    config.field.hidden = {8, 8};
    config.optimizer.id = "adam";
    config.training["batch"] = 64;
    config.device = device;
    Session session(resolve_config(config), small_dataset(), std::make_shared<ThreadPool>(2));
    return session.study(
        curvature_settings({{"steps", 20}, {"probes", 2}, {"trace_products", 6}, {"batch", 100}}));
  }
};

TEST_F(CurvatureOnAGpu, AgreesWithTheCpu) {
  for (const char* activation : {"sine", "wavelet", "tanh"}) {
    SCOPED_TRACE(activation);
    const CurvatureReport cpu = study("cpu", activation), gpu = study("cuda", activation);
    EXPECT_EQ(gpu.precision, "float64");
    EXPECT_NE(gpu.device.find("cuda:0"), std::string::npos);
    EXPECT_NEAR(gpu.loss, cpu.loss, 1e-10 * cpu.loss);
    EXPECT_LT(relative_error(gpu.eigenvalues, cpu.eigenvalues), 1e-9);
    ASSERT_EQ(gpu.conditioned.size(), cpu.conditioned.size());
    for (std::size_t i = 0; i < cpu.conditioned.size(); ++i)
      EXPECT_NEAR(gpu.conditioned[i].largest, cpu.conditioned[i].largest,
                  1e-6 * cpu.conditioned[i].largest);
    EXPECT_NEAR(gpu.hutchinson.value, cpu.hutchinson.value, 1e-8 * std::abs(cpu.trace));
    EXPECT_EQ(gpu.hv[0].zero, cpu.hv[0].zero);
  }
}

}  // namespace
}  // namespace fieldscope
