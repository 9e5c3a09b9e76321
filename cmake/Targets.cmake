# Helpers to declare targets over folders that several people add files to.

# fieldscope_sources(VAR [EXCLUDE regex] pattern...): sources by pattern, re-read at every build.
function(fieldscope_sources variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "EXCLUDE" "")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${arg_UNPARSED_ARGUMENTS})
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# fieldscope_library(NAME SOURCES ... LINK ...): a static library, or while it has no source yet an
# interface one with the same dependencies, so that the rest configures all the same.
function(fieldscope_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(arg_SOURCES)
    add_library(${name} STATIC ${arg_SOURCES})
    target_link_libraries(${name} PUBLIC fieldscope_options ${arg_LINK})
  else()
    message(STATUS "${name}: no sources yet")
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE fieldscope_options ${arg_LINK})
  endif()
endfunction()
