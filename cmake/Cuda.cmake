# The CUDA backend: libfieldscope_cuda.so beside the program, which opens it at run time
# (engine/backend/devices.cpp). Nothing else links or includes CUDA.
if(NOT CMAKE_CUDA_COMPILER)
  find_program(NVCC nvcc HINTS /usr/local/cuda/bin)
  mark_as_advanced(NVCC)
  if(NVCC)
    set(CMAKE_CUDA_COMPILER ${NVCC})
  endif()
endif()
set(FIELDSCOPE_CUDA_PROBLEM "")
if(NOT CMAKE_CUDA_COMPILER)
  set(FIELDSCOPE_CUDA_PROBLEM "no nvcc found")
else()
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75)  # for CMake's own trials; ours are chosen below
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit QUIET)
  if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 12.0)
    set(FIELDSCOPE_CUDA_PROBLEM "nvcc ${CMAKE_CUDA_COMPILER_VERSION} is too old (12.0 or newer is needed)")
  elseif(NOT TARGET CUDA::cublas OR NOT TARGET CUDA::cusolver)
    set(FIELDSCOPE_CUDA_PROBLEM "the toolkit has no cuBLAS or cuSOLVER to link with")
  endif()
endif()
if(FIELDSCOPE_CUDA_PROBLEM)
  message(STATUS "CUDA backend: ${FIELDSCOPE_CUDA_PROBLEM}: building for the CPU only")
  return()
endif()

# One program for each major version that the toolkit knows (they run on its later minors too), and
# an intermediate form of the newest for GPUs to come.
if(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 13.0)
  set(cuda_architectures 75-real 80-real 90-real 100 120)
elseif(CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL 12.8)
  set(cuda_architectures 70-real 75-real 80-real 90-real 100-real 120)
else()
  set(cuda_architectures 70-real 75-real 80-real 90)
endif()
set(FIELDSCOPE_CUDA_ARCHITECTURES "${cuda_architectures}" CACHE STRING
    "GPU architectures to compile for; 'native' is quick where only this machine's GPU counts")
message(STATUS "CUDA backend: nvcc ${CMAKE_CUDA_COMPILER_VERSION} for ${FIELDSCOPE_CUDA_ARCHITECTURES}")

fieldscope_sources(cuda_sources ${PROJECT_SOURCE_DIR}/engine/backend/cuda/*.cu)
add_library(fieldscope_cuda SHARED ${cuda_sources})
target_include_directories(fieldscope_cuda PRIVATE ${PROJECT_SOURCE_DIR})
# What the program tells of older GPUs; of native and the like, nothing is known here.
list(GET FIELDSCOPE_CUDA_ARCHITECTURES 0 cuda_least)
string(REGEX MATCH "^[0-9]+" cuda_least "${cuda_least}")
if(cuda_least)
  target_compile_definitions(fieldscope_cuda PRIVATE FIELDSCOPE_CUDA_LEAST=${cuda_least})
endif()
target_link_libraries(fieldscope_cuda PRIVATE CUDA::cublas CUDA::cusolver)
target_compile_options(
  fieldscope_cuda
  PRIVATE -std=c++20 --extended-lambda --expt-relaxed-constexpr
          -Xcompiler=-Wall,-Wextra,-Wshadow$<$<BOOL:${FIELDSCOPE_WERROR}>:,-Werror>
          $<$<BOOL:${FIELDSCOPE_WERROR}>:-Werror=all-warnings>)
set_target_properties(
  fieldscope_cuda
  PROPERTIES CUDA_ARCHITECTURES "${FIELDSCOPE_CUDA_ARCHITECTURES}"
             CUDA_STANDARD 20
             CUDA_VISIBILITY_PRESET hidden
             LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS fieldscope_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/fieldscope)
