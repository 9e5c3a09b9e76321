# What the window needs: Dear ImGui with its GLFW and OpenGL 3 backends (the packaged static library
# holds both), GLFW, and OpenGL and EGL loaders that glad writes at build time from its own copy of
# the specifications (no network).
enable_language(C)  # the loaders are C

set(gui_hint "On Debian and Ubuntu: apt-get install libimgui-dev libglfw3-dev python3-glad pkg-config; or configure with -DFIELDSCOPE_GUI=OFF")
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "The window needs pkg-config to find Dear ImGui. ${gui_hint}")
endif()
pkg_check_modules(IMGUI QUIET IMPORTED_TARGET GLOBAL imgui)
if(NOT IMGUI_FOUND)
  message(FATAL_ERROR "Dear ImGui was not found. ${gui_hint}")
endif()
message(STATUS "IMGUI ${IMGUI_VERSION}")
find_package(glfw3 3.3 QUIET)
if(NOT glfw3_FOUND)
  message(FATAL_ERROR "GLFW 3.3 was not found. ${gui_hint}")
endif()
find_path(IMGUI_BACKENDS_DIR imgui_impl_glfw.h HINTS ${IMGUI_INCLUDE_DIRS}
          PATH_SUFFIXES backends imgui/backends REQUIRED)

# /usr/bin first: a glad of version 1 from elsewhere would take other options.
find_program(GLAD_PROGRAM glad HINTS /usr/bin)
if(NOT GLAD_PROGRAM)
  message(FATAL_ERROR "glad was not found. ${gui_hint}")
endif()
set(glad_dir ${PROJECT_BINARY_DIR}/glad)
set(glad_extensions
    GL_KHR_debug,EGL_EXT_platform_base,EGL_EXT_platform_device,EGL_EXT_device_base,EGL_EXT_device_enumeration,EGL_MESA_platform_surfaceless,EGL_KHR_surfaceless_context,EGL_KHR_create_context
)
add_custom_command(
  OUTPUT ${glad_dir}/src/gl.c ${glad_dir}/src/egl.c ${glad_dir}/include/glad/gl.h
         ${glad_dir}/include/glad/egl.h
  COMMAND ${GLAD_PROGRAM} --quiet --reproducible --api gl:core=4.3,egl=1.5 --extensions
          ${glad_extensions} --out-path ${glad_dir} c --loader
  COMMENT "Generating the OpenGL and EGL loaders"
  VERBATIM)
file(MAKE_DIRECTORY ${glad_dir}/include)
add_library(fieldscope_glad STATIC ${glad_dir}/src/gl.c ${glad_dir}/src/egl.c)
target_include_directories(fieldscope_glad SYSTEM PUBLIC ${glad_dir}/include)
target_link_libraries(fieldscope_glad PUBLIC ${CMAKE_DL_LIBS})

add_library(fieldscope_gui_dependencies INTERFACE)
target_include_directories(fieldscope_gui_dependencies SYSTEM INTERFACE ${IMGUI_BACKENDS_DIR})
# Headers of GL and EGL come from glad alone, and EGL must not drag X11's macros in.
target_compile_definitions(fieldscope_gui_dependencies INTERFACE GLFW_INCLUDE_NONE EGL_NO_X11)
# In this order: Dear ImGui's backend calls GLFW.
target_link_libraries(fieldscope_gui_dependencies INTERFACE PkgConfig::IMGUI glfw fieldscope_glad)
