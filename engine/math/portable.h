// The one macro that lets a function be compiled for CPU loops and CUDA kernels alike. Functions so
// marked are always inlined, so that a CPU loop is vectorised for the instruction set of the loop
// around it, whatever the baseline of the file that declared the function.
#pragma once

#if defined(__CUDACC__)
#define FIELDSCOPE_HOST_DEVICE __host__ __device__ __forceinline__
#elif defined(_MSC_VER)
#define FIELDSCOPE_HOST_DEVICE __forceinline
#else
#define FIELDSCOPE_HOST_DEVICE inline __attribute__((always_inline))
#endif

// FIELDSCOPE_UNROLL(n): the loop behind it, of constant length, is written out. (The host half of a
// CUDA file goes through two compilers, each of which knows another pragma; nothing there wants
// it.)
#define FIELDSCOPE_PRAGMA(text) _Pragma(#text)
#if defined(__CUDA_ARCH__)
#define FIELDSCOPE_UNROLL(n) FIELDSCOPE_PRAGMA(unroll n)
#elif defined(__CUDACC__)
#define FIELDSCOPE_UNROLL(n)
#else
#define FIELDSCOPE_UNROLL(n) FIELDSCOPE_PRAGMA(GCC unroll n)
#endif
