# Packages come from the distribution; see third_party/README.md for why and whose. Without the window
# all of them are optional: where one is missing, a stand-in of ours takes its place or its feature is
# left out, and one line says which. With the window, what is missing is a mistake, and is named.

if(FIELDSCOPE_BARE AND FIELDSCOPE_GUI)
  message(FATAL_ERROR "The window cannot be built without packages: with -DFIELDSCOPE_BARE=ON give -DFIELDSCOPE_GUI=OFF")
endif()
find_package(Threads REQUIRED)
if(NOT FIELDSCOPE_BARE)
  find_package(PkgConfig QUIET)
endif()

# What the engine may use. Headers of packages are SYSTEM, so that their warnings are not ours.
add_library(fieldscope_dependencies INTERFACE)
target_link_libraries(fieldscope_dependencies INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

# fieldscope_use_standin(header package folder): third_party/standins/<folder> in its place.
function(fieldscope_use_standin header package folder)
  message(STATUS "${header} not found (package ${package}): using the stand-in")
  target_include_directories(fieldscope_dependencies
                             INTERFACE ${PROJECT_SOURCE_DIR}/third_party/standins/${folder})
endfunction()

# fieldscope_find_header(NAME header package suffix...): FIELDSCOPE_HAVE_<NAME> says whether it is
# there.
function(fieldscope_find_header name header package)
  set(found FALSE)
  if(NOT FIELDSCOPE_BARE)
    find_path(${name}_INCLUDE_DIR NAMES ${header} PATH_SUFFIXES ${ARGN})
    mark_as_advanced(${name}_INCLUDE_DIR)
    if(${name}_INCLUDE_DIR)
      set(found TRUE)
      target_include_directories(fieldscope_dependencies SYSTEM INTERFACE ${${name}_INCLUDE_DIR})
    endif()
  endif()
  if(NOT found AND FIELDSCOPE_GUI)
    message(WARNING "${header} was not found: sources that include it will not compile. "
                    "On Debian and Ubuntu: apt-get install ${package}; or configure with -DFIELDSCOPE_GUI=OFF")
  endif()
  set(FIELDSCOPE_HAVE_${name} ${found} PARENT_SCOPE)
endfunction()

# fieldscope_find_or_stand_in(NAME header package folder suffix...)
function(fieldscope_find_or_stand_in name header package folder)
  fieldscope_find_header(${name} ${header} ${package} ${ARGN})
  if(NOT FIELDSCOPE_HAVE_${name} AND NOT FIELDSCOPE_GUI)
    fieldscope_use_standin(${header} ${package} ${folder})
  endif()
  set(FIELDSCOPE_HAVE_${name} ${FIELDSCOPE_HAVE_${name}} PARENT_SCOPE)
endfunction()
fieldscope_find_or_stand_in(NLOHMANN_JSON nlohmann/json.hpp nlohmann-json3-dev nlohmann-json)
fieldscope_find_or_stand_in(CLI11 CLI/CLI.hpp libcli11-dev cli11)
fieldscope_find_or_stand_in(STB stb_image.h libstb-dev stb stb)
fieldscope_find_or_stand_in(TINYOBJ tiny_obj_loader.h libtinyobjloader-dev tinyobj)

# Eigenvalues and QR decompositions for the optimizers that work on matrices.
fieldscope_find_header(EIGEN Eigen/Eigenvalues libeigen3-dev eigen3)
if(NOT FIELDSCOPE_HAVE_EIGEN)
  message(STATUS "Eigen/Eigenvalues not found (package libeigen3-dev): using decompositions of our own")
endif()

# fieldscope_find_optional(NAME module...): optional libraries, found as PkgConfig::<NAME>; nothing
# fails without them.
function(fieldscope_find_optional name)
  if(PKG_CONFIG_FOUND AND NOT FIELDSCOPE_BARE)
    pkg_check_modules(${name} QUIET IMPORTED_TARGET GLOBAL ${ARGN})
  endif()
  set(found FALSE)
  if(TARGET PkgConfig::${name})
    set(found TRUE)
    message(STATUS "${name} ${${name}_VERSION}${${name}_${ARGV1}_VERSION}")  # of one, or the first
  endif()
  set(FIELDSCOPE_HAVE_${name} ${found} PARENT_SCOPE)
endfunction()
fieldscope_find_optional(CAIRO cairo)
if(FIELDSCOPE_HAVE_CAIRO)
  target_link_libraries(fieldscope_dependencies INTERFACE PkgConfig::CAIRO)
  target_compile_definitions(fieldscope_dependencies INTERFACE FIELDSCOPE_HAVE_CAIRO)
else()
  message(STATUS "CAIRO not found (package libcairo2-dev): built without figures")
endif()

# Videos. Only engine/export/{video,ffmpeg}.cpp and their test know of it.
fieldscope_find_optional(FFMPEG libavcodec libavformat libavutil)
if(NOT FIELDSCOPE_HAVE_FFMPEG)
  message(STATUS "FFmpeg not found (packages libavcodec-dev, libavformat-dev, libavutil-dev): built without videos")
endif()

# The CPU kernels are written with Google Highway.
fieldscope_find_optional(HIGHWAY libhwy)
if(FIELDSCOPE_HAVE_HIGHWAY)
  target_link_libraries(fieldscope_dependencies INTERFACE PkgConfig::HIGHWAY)
elseif(FIELDSCOPE_GUI)
  message(FATAL_ERROR "Google Highway was not found. On Debian and Ubuntu: apt-get install libhwy-dev pkg-config; or configure with -DFIELDSCOPE_GUI=OFF")
else()
  fieldscope_use_standin(hwy/highway.h libhwy-dev highway)
endif()

if(FIELDSCOPE_GUI)
  include(cmake/GuiDependencies.cmake)
endif()
