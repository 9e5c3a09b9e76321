// What the fake's streams do, and on them the backend's own: steps gathered into graphs, and what
// host and device hand each other while several are on the way.
#include <vector>

#include <gtest/gtest.h>

#include "engine/backend/cuda/step_slots.h"

namespace fieldscope::cuda {
namespace {

/// A kernel of one thread that does `body`.
template <class Body>
cudaError_t put(cudaStream_t stream, Body body) {
  cudaLaunchConfig_t config = {};
  config.stream = stream;
  const auto kernel = +[](Body b) { b(); };
  return cudaLaunchKernelEx(&config, kernel, body);
}

TEST(FakeStreams, WorkIsDoneWhenSomebodyWaits) {
  Stream stream;
  int done = 0;
  put(stream, [&] { ++done; });
  EXPECT_EQ(done, 0);
  stream.wait();
  EXPECT_EQ(done, 1);
}

TEST(FakeStreams, ACaptureRefusesWhatAGraphCannotHold) {
  cudaStream_t stream;
  cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking);
  void* data = nullptr;
  ASSERT_EQ(cudaMalloc(&data, 8), cudaSuccess);
  ASSERT_EQ(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed), cudaSuccess);
  void* more = nullptr;
  EXPECT_EQ(cudaMalloc(&more, 8), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaHostAlloc(&more, 8, cudaHostAllocDefault), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaFree(data), cudaErrorStreamCaptureUnsupported);
  EXPECT_EQ(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
  const double number = 1;  // not page-locked
  EXPECT_EQ(cudaMemcpyAsync(data, &number, sizeof number, cudaMemcpyHostToDevice, stream),
            cudaErrorStreamCaptureUnsupported);
  cudaGraph_t graph = nullptr;
  EXPECT_EQ(cudaStreamEndCapture(stream, &graph), cudaSuccess);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(stream);
  EXPECT_EQ(cudaFree(data), cudaSuccess);
}

/// A step that appends a number to `seen` `times` over.
void take_step(Stream& stream, std::vector<int>& seen, int number, int times) {
  stream.begin_step();
  for (int i = 0; i < times; ++i) put(stream, [&seen, number] { seen.push_back(number); });
  stream.end_step();
}

TEST(Steps, AreGatheredIntoGraphsThatTakeTheArgumentsOfEach) {
  Stream stream;
  std::vector<int> seen, expected;
  for (int step = 0; step < 6; ++step) {
    const int times = step % 2 + 1;  // of two kinds
    take_step(stream, seen, step, times);
    expected.insert(expected.end(), static_cast<std::size_t>(times), step);
  }
  EXPECT_EQ(stream.graphs(), 5u);  // the first is put in piece by piece
  stream.wait();
  EXPECT_EQ(seen, expected);
}

TEST(Steps, AnInterruptedOneAndTheNextGoPieceByPiece) {
  Stream stream;
  std::vector<int> seen;
  take_step(stream, seen, 0, 2);
  take_step(stream, seen, 1, 2);
  EXPECT_EQ(stream.graphs(), 1u);
  stream.begin_step();
  put(stream, [&] { seen.push_back(2); });
  stream.wait();  // a part of the step is done
  EXPECT_EQ(seen, (std::vector<int>{0, 0, 1, 1, 2}));
  EXPECT_EQ(stream.graphs(), 2u);
  put(stream, [&] { seen.push_back(3); });
  stream.end_step();
  take_step(stream, seen, 4, 2);
  EXPECT_EQ(stream.graphs(), 2u);
  take_step(stream, seen, 5, 2);
  EXPECT_EQ(stream.graphs(), 3u);
  stream.wait();
  EXPECT_EQ(seen, (std::vector<int>{0, 0, 1, 1, 2, 3, 4, 4, 5, 5}));
}

TEST(Steps, OneThatFailedHalfwayDoesNotHarmTheNext) {
  Stream stream;
  std::vector<int> seen;
  take_step(stream, seen, 0, 1);
  stream.begin_step();
  put(stream, [&] { seen.push_back(1); });  // and here something threw
  take_step(stream, seen, 2, 1);
  stream.wait();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2}));
}

TEST(StepSlots, NumbersComeWhenTheyAreRead) {
  Stream stream;
  StepSlots slots(stream);
  std::vector<Scalar> promised;
  std::vector<const double*> places;
  for (std::size_t step = 0; step < StepSlots::most_ahead; ++step) {
    slots.begin_step();
    double* const first = slots.result(-1);
    double* const second = slots.result(7);
    put(stream, [=] { *first = static_cast<double>(step); });
    promised.push_back(slots.promise(first));
    promised.push_back(slots.promise(second));
    slots.end_step();
    places.push_back(first);
  }
  EXPECT_EQ(*places.back(), -1);  // nobody has waited
  for (std::size_t step = 0; step < StepSlots::most_ahead; ++step) {
    EXPECT_EQ(promised[2 * step], static_cast<double>(step));
    EXPECT_EQ(promised[2 * step + 1], 7);
  }
}

TEST(StepSlots, ANumberIsReadWithinItsStepAndOutsideOfAny) {
  Stream stream;
  StepSlots slots(stream);
  double* const outside = slots.result(0);
  put(stream, [=] { *outside = 3; });
  EXPECT_EQ(slots.promise(outside), 3);
  for (int step = 0; step < 3; ++step) {  // the last ones are gathered
    slots.begin_step();
    double* const at = slots.result(0);
    put(stream, [=] { *at = 5; });
    const Scalar within = slots.promise(at);
    EXPECT_EQ(within, 5);
    slots.end_step();
    EXPECT_EQ(within, 5);
  }
}

TEST(StepSlots, MoreNumbersThanThereIsRoomForAreWaitedFor) {
  Stream stream;
  StepSlots slots(stream);
  slots.begin_step();
  std::vector<Scalar> promised;
  for (int i = 0; i < 1000; ++i) {
    double* const at = slots.result(0);
    put(stream, [=] { *at = i; });
    promised.push_back(slots.promise(at));
  }
  slots.end_step();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(promised[static_cast<std::size_t>(i)], i);
}

TEST(StepSlots, ANumberOfAStepLongPastIsAnError) {
  Stream stream;
  StepSlots slots(stream);
  slots.begin_step();
  const Scalar old = slots.promise(slots.result(0));
  slots.end_step();
  for (std::size_t step = 0; step < 2 * StepSlots::most_ahead; ++step) {
    slots.begin_step();
    slots.end_step();
  }
  EXPECT_THROW(static_cast<void>(static_cast<double>(old)), std::logic_error);
}

TEST(StepSlots, UploadsKeepWhatWasStagedUntilTheDeviceHasReadIt) {
  constexpr std::size_t steps = 3 * StepSlots::most_ahead;
  Stream stream;
  StepSlots slots(stream);
  void* memory = nullptr;
  ASSERT_EQ(cudaMalloc(&memory, 2 * steps * sizeof(int)), cudaSuccess);
  for (std::size_t step = 0; step < steps; ++step) {
    slots.begin_step();
    for (std::size_t i = 0; i < 2; ++i) {
      // Larger and larger pieces: memory has to grow in the middle of a step.
      int* const staged = static_cast<int*>(slots.staging(sizeof(int) << (step / 2)));
      staged[0] = static_cast<int>(2 * step + i);
      int* const to = static_cast<int*>(memory) + 2 * step + i;
      ASSERT_EQ(cudaMemcpyAsync(to, staged, sizeof(int), cudaMemcpyHostToDevice, stream),
                cudaSuccess);
    }
    slots.end_step();
  }
  std::vector<int> seen(2 * steps), expected(2 * steps);
  cudaMemcpyAsync(seen.data(), memory, seen.size() * sizeof(int), cudaMemcpyDeviceToHost, stream);
  stream.wait();
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<int>(i);
  EXPECT_EQ(seen, expected);
  EXPECT_GT(stream.graphs(), 0u);
  cudaFree(memory);
}

}  // namespace
}  // namespace fieldscope::cuda
