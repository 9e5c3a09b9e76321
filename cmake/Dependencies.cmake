# Everything comes from packages of the distribution; see third_party/README.md for why and whose.
# Without the window, the engine needs a compiler, some headers and Google Highway.

find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)

# What the engine may use. Headers are SYSTEM, so that their warnings are not ours.
add_library(fieldscope_dependencies INTERFACE)
target_link_libraries(fieldscope_dependencies INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

function(fieldscope_find_header name header package)
  find_path(${name}_INCLUDE_DIR NAMES ${header} PATH_SUFFIXES ${ARGN})
  mark_as_advanced(${name}_INCLUDE_DIR)
  if(${name}_INCLUDE_DIR)
    target_include_directories(fieldscope_dependencies SYSTEM INTERFACE ${${name}_INCLUDE_DIR})
  else()
    message(WARNING "${header} was not found: sources that include it will not compile. "
                    "On Debian and Ubuntu: apt-get install ${package}")
  endif()
endfunction()
fieldscope_find_header(NLOHMANN_JSON nlohmann/json.hpp nlohmann-json3-dev)
fieldscope_find_header(CLI11 CLI/CLI.hpp libcli11-dev)
fieldscope_find_header(STB stb_image.h libstb-dev stb)
fieldscope_find_header(TINYOBJ tiny_obj_loader.h libtinyobjloader-dev)

# Eigenvalues and QR decompositions for the optimizers that work on matrices.
fieldscope_find_header(EIGEN Eigen/Eigenvalues libeigen3-dev eigen3)
set(FIELDSCOPE_HAVE_EIGEN ${EIGEN_INCLUDE_DIR})

# Optional libraries: found as PkgConfig::<NAME>; nothing fails without them.
function(fieldscope_find_optional name module package)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${module})
  endif()
  if(${name}_FOUND)
    message(STATUS "${name} ${${name}_VERSION}")
  else()
    message(STATUS "${name} not found (package ${package}): built without it")
  endif()
endfunction()
fieldscope_find_optional(CAIRO cairo libcairo2-dev)
if(CAIRO_FOUND)
  target_link_libraries(fieldscope_dependencies INTERFACE PkgConfig::CAIRO)
  target_compile_definitions(fieldscope_dependencies INTERFACE FIELDSCOPE_HAVE_CAIRO)
endif()

# The CPU kernels are written with Google Highway: there is no engine without it.
fieldscope_find_optional(HIGHWAY libhwy libhwy-dev)
if(NOT HIGHWAY_FOUND)
  message(FATAL_ERROR "Google Highway was not found. On Debian and Ubuntu: apt-get install libhwy-dev pkg-config")
endif()
target_link_libraries(fieldscope_dependencies INTERFACE PkgConfig::HIGHWAY)

if(FIELDSCOPE_GUI)
  include(cmake/GuiDependencies.cmake)
endif()

if(FIELDSCOPE_CUDA AND NOT IS_DIRECTORY ${PROJECT_SOURCE_DIR}/engine/backend/cuda)
  message(STATUS "CUDA backend: not part of this version yet, building for the CPU only")
endif()
