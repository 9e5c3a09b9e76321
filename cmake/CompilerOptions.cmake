# What every source of the project is compiled with: the interface target `fieldscope_options`.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, RelWithDebInfo or Release" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g")  # assertions stay on

# Warnings are errors with the compilers that the project is tested with. A newer one may know
# warnings that nobody has seen yet: there they must not stop a user's build.
set(werror_default OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  set(werror_default ON)
endif()
option(FIELDSCOPE_WERROR "Treat warnings as errors" ${werror_default})

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths below the checkout are hashed relative to it, so that several checkouts share results.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# Where the program looks for `shaders/` and `assets/`, first hit wins. A relative entry is meant
# relative to the folder of the executable: beside it, then an install prefix wherever it was moved
# to; then the prefix it was configured for, then the source tree.
set(FIELDSCOPE_ASSET_DIRS
    "."
    "../${CMAKE_INSTALL_DATADIR}/fieldscope"
    "${CMAKE_INSTALL_FULL_DATADIR}/fieldscope"
    "${PROJECT_SOURCE_DIR}")
string(REPLACE ";" "\\;" asset_dirs_escaped "${FIELDSCOPE_ASSET_DIRS}")

add_library(fieldscope_options INTERFACE)
target_compile_features(fieldscope_options INTERFACE cxx_std_20)
target_include_directories(fieldscope_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(
  fieldscope_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${FIELDSCOPE_WERROR}>:-Werror>
            # GCC 12 sees overlapping copies in plain std::string concatenation (its bug 105651).
            $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
            # What lets loops over sin, exp and sqrt vectorise. Never -ffast-math: NaN must be seen.
            -fno-math-errno -fno-trapping-math)
target_compile_definitions(
  fieldscope_options INTERFACE FIELDSCOPE_VERSION="${PROJECT_VERSION}"
                               "FIELDSCOPE_ASSET_DIRS=\"${asset_dirs_escaped}\"")

if(FIELDSCOPE_SANITIZE)
  set(sanitize -fsanitize=${FIELDSCOPE_SANITIZE} -fno-omit-frame-pointer)
  target_compile_options(fieldscope_options INTERFACE ${sanitize} -fno-sanitize-recover=all)
  target_compile_definitions(fieldscope_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(fieldscope_options INTERFACE ${sanitize})
endif()
