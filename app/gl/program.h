// A linked OpenGL program read from files, reloaded when they change on disk.
// Owned by whoever draws with it; lives on the thread that owns the GL context.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <glad/gl.h>

namespace fieldscope::gl {

// Finds a shader file: the folder that the variable FIELDSCOPE_SHADERS names, then `shaders/` in
// the places that the build configured. Throws with the list of places if it is nowhere.
std::filesystem::path find_shader(const std::string& name);

class Program {
 public:
  // Compiles and links `vertex` and `fragment` (names inside the shader folder).
  // `#include "name"` lines pull in other files of that folder; errors name file and line.
  // `defines` are names put before the code of both as `#define NAME value`.
  Program(const std::string& vertex, const std::string& fragment,
          std::vector<std::string> defines = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void use() const;
  GLint uniform(const char* name) const;

  // Recompiles if a file changed since the last call. A broken edit keeps the old program and
  // leaves its message in error(). Returns true if the program was replaced.
  bool reload_if_changed();
  const std::string& error() const { return error_; }

 private:
  struct SourceFile {
    std::filesystem::path path;
    std::filesystem::file_time_type written;
  };
  GLuint build(std::vector<SourceFile>& files) const;

  std::string vertex_name_, fragment_name_;
  std::vector<std::string> defines_;
  std::vector<SourceFile> files_;
  GLuint id_ = 0;
  std::string error_;
};

}  // namespace fieldscope::gl
