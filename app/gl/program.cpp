#include "app/gl/program.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "engine/data/assets.h"

namespace fieldscope::gl {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read shader " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Expands `#include "name"` and numbers each file in #line, so that a compiler message
// "2(17): ..." can be turned into "colormap.glsl:17".
void expand(const std::string& name, const std::vector<std::string>& defines,
            std::vector<fs::path>& files, std::string& out, int depth) {
  if (depth > 8) throw std::runtime_error("shader includes nest too deeply at " + name);
  const fs::path path = find_shader(name);
  const auto index = files.size();
  files.push_back(path);
  std::istringstream lines(read_text(path));
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    const auto quote = line.find('"');
    if (line.rfind("#include", 0) == 0 && quote != std::string::npos) {
      const auto end = line.find('"', quote + 1);
      out += "#line 1 " + std::to_string(files.size()) + "\n";
      expand(line.substr(quote + 1, end - quote - 1), {}, files, out, depth + 1);
      out += "#line " + std::to_string(number + 1) + " " + std::to_string(index) + "\n";
    } else {
      out += line + "\n";
      // GLSL wants #version first; the file number can only follow it.
      if (line.rfind("#version", 0) != 0) continue;
      for (const auto& define : defines) out += "#define " + define + "\n";
      out += "#line " + std::to_string(number + 1) + " " + std::to_string(index) + "\n";
    }
  }
}

// Replaces the file numbers that drivers print ("0:12(3):" on Mesa, "0(12) :" on NVIDIA).
std::string name_files(const std::string& log, const std::vector<fs::path>& files) {
  std::istringstream lines(log);
  std::string line, result;
  while (std::getline(lines, line)) {
    if (line.find_first_not_of(" \t\r\n") == std::string::npos || line[0] == '\0') continue;
    const auto end = line.find_first_of(":(");
    if (end != std::string::npos && end > 0 && end < 4 &&
        std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(end),
                    [](char c) { return c >= '0' && c <= '9'; })) {
      const auto index = static_cast<std::size_t>(std::atoi(line.c_str()));
      const int number = std::atoi(line.c_str() + end + 1);
      if (index < files.size())
        line = files[index].filename().string() + ":" + std::to_string(number) + ": " + line;
    }
    result += (result.empty() ? "" : "\n") + line;
  }
  return result;
}

GLuint compile(GLenum kind, const std::string& name, const std::vector<std::string>& defines,
               std::vector<fs::path>& files) {
  std::string source;
  std::vector<fs::path> used;
  expand(name, defines, used, source, 0);
  const GLuint shader = glCreateShader(kind);
  const char* text = source.c_str();
  glShaderSource(shader, 1, &text, nullptr);
  glCompileShader(shader);
  GLint good = 0;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
  if (!good) {
    GLint length = 1;
    glGetShaderiv(shader, GL_INFO_LOG_LENGTH, &length);
    std::string log(static_cast<std::size_t>(std::max(length, 1)), '\0');
    glGetShaderInfoLog(shader, length, nullptr, log.data());
    glDeleteShader(shader);
    throw std::runtime_error("shader " + name + " does not compile:\n" + name_files(log, used));
  }
  files.insert(files.end(), used.begin(), used.end());
  return shader;
}

}  // namespace

fs::path find_shader(const std::string& name) {
  std::error_code ignored;
  if (const char* folder = std::getenv("FIELDSCOPE_SHADERS")) {
    const fs::path place = fs::path(folder) / name;
    if (fs::exists(place, ignored)) return place;
  }
  return find_asset(fs::path("shaders") / name);
}

Program::Program(const std::string& vertex, const std::string& fragment,
                 std::vector<std::string> defines)
    : vertex_name_(vertex), fragment_name_(fragment), defines_(std::move(defines)) {
  id_ = build(files_);
}

Program::~Program() {
  glDeleteProgram(id_);
}

GLuint Program::build(std::vector<SourceFile>& files) const {
  std::vector<fs::path> paths;
  const GLuint vertex = compile(GL_VERTEX_SHADER, vertex_name_, defines_, paths);
  GLuint fragment = 0;
  try {
    fragment = compile(GL_FRAGMENT_SHADER, fragment_name_, defines_, paths);
  } catch (...) {
    glDeleteShader(vertex);
    throw;
  }
  const GLuint id = glCreateProgram();
  glAttachShader(id, vertex);
  glAttachShader(id, fragment);
  glLinkProgram(id);
  glDeleteShader(vertex);
  glDeleteShader(fragment);
  GLint good = 0;
  glGetProgramiv(id, GL_LINK_STATUS, &good);
  if (!good) {
    char log[2048] = {};
    glGetProgramInfoLog(id, sizeof log, nullptr, log);
    glDeleteProgram(id);
    throw std::runtime_error("shaders " + vertex_name_ + " and " + fragment_name_ +
                             " do not link: " + log);
  }
  files.clear();
  std::error_code ignored;
  for (const auto& path : paths) files.push_back({path, fs::last_write_time(path, ignored)});
  return id;
}

void Program::use() const {
  glUseProgram(id_);
}

GLint Program::uniform(const char* name) const {
  return glGetUniformLocation(id_, name);
}

bool Program::reload_if_changed() {
  bool changed = false;
  std::error_code missing;
  for (auto& file : files_) {
    const auto written = fs::last_write_time(file.path, missing);
    if (missing || written == file.written) continue;
    file.written = written;  // a broken file is tried again only after the next edit
    changed = true;
  }
  if (!changed) return false;
  try {
    std::vector<SourceFile> files;
    const GLuint fresh = build(files);
    glDeleteProgram(id_);
    id_ = fresh;
    files_ = std::move(files);
    error_.clear();
    return true;
  } catch (const std::exception& problem) {
    error_ = problem.what();
    return false;
  }
}

}  // namespace fieldscope::gl
