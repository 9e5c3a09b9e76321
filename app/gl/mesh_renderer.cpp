#include "app/gl/mesh_renderer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "app/gl/framebuffer.h"

namespace fieldscope::gl {
namespace {

// Where the passes of a smooth picture look, in sixteenths of a pixel: the usual pattern of eight
// samples, no two in a row or column. It begins near the middle, so that refining moves nothing.
constexpr std::array<std::array<int, 2>, MeshRenderer::passes> shifts = {
    {{1, -3}, {-1, 3}, {5, 1}, {-3, -5}, {-5, 5}, {-7, -1}, {3, 7}, {7, -7}}};

// Texture units.
constexpr GLuint surface_unit = 0, occlusion_unit = 1, maps_unit = 2, triangle_unit = 3,
                 section_unit = 4;

void set(const Program& program, const char* name, const Rgb& colour) {
  glUniform3fv(program.uniform(name), 1, colour.data());
}

void set(const Program& program, const char* name, Vec3 v) {
  glUniform3f(program.uniform(name), v.x, v.y, v.z);
}

Rgb to_linear(Rgb colour) {
  for (float& channel : colour) channel = std::pow(channel, 2.2f);
  return colour;
}

Rgb mixed(const Rgb& a, const Rgb& b, float t) {
  Rgb result{};
  for (std::size_t i = 0; i < 3; ++i) result[i] = a[i] + (b[i] - a[i]) * t;
  return result;
}

bool within_reach(Vec3 eye) {
  return std::max({std::fabs(eye.x), std::fabs(eye.y), std::fabs(eye.z)}) < 1.05f;
}

float brightness(const Rgb& c) {
  return 0.3f * c[0] + 0.6f * c[1] + 0.1f * c[2];
}

Vec3 rotated(const Matrix4& view, Vec3 v) {
  return {view[0] * v.x + view[4] * v.y + view[8] * v.z,
          view[1] * v.x + view[5] * v.y + view[9] * v.z,
          view[2] * v.x + view[6] * v.y + view[10] * v.z};
}

void bind(GLuint unit, GLuint texture) {
  glActiveTexture(GL_TEXTURE0 + unit);
  glBindTexture(GL_TEXTURE_2D, texture);
}

// What surface.glsl needs to find a pixel in space.
void set_lens(const Program& program, const Matrix4& projection, const Target& surface) {
  glUniform1i(program.uniform("surface"), static_cast<GLint>(surface_unit));
  glUniform4f(program.uniform("lens"), 1 / projection[0], 1 / projection[5], projection[8],
              projection[9]);
  glUniform2f(program.uniform("size"), static_cast<float>(surface.width()),
              static_cast<float>(surface.height()));
  bind(surface_unit, surface.texture());
}

void set_ground(const Program& program, const MeshStyle& style, bool dithered) {
  set(program, "background_top", style.background_top);
  set(program, "background_bottom", style.background_bottom);
  glUniform1f(program.uniform("dither"), dithered ? 1.0f : 0.0f);
}

Matrix4 shifted_projection(const Camera& camera, int width, int height, int pass) {
  Matrix4 projection = camera.projection(static_cast<float>(width) / static_cast<float>(height));
  const auto& shift = shifts[static_cast<std::size_t>(pass % MeshRenderer::passes)];
  projection[8] = static_cast<float>(shift[0]) / (8.0f * static_cast<float>(width));
  projection[9] = static_cast<float>(shift[1]) / (8.0f * static_cast<float>(height));
  return projection;
}

std::string define(const char* name, int value) {
  return std::string(name) + " " + std::to_string(value);
}

const Target& sized(std::unique_ptr<Target>& target, int width, int height,
                    std::initializer_list<GLenum> formats, bool depth) {
  if (!target || !target->is(width, height)) {
    target.reset();  // before the new one, to need the memory once
    target = std::make_unique<Target>(width, height, formats, depth);
  }
  return *target;
}

void prepare_state() {
  glDisable(GL_BLEND);
  glDisable(GL_SCISSOR_TEST);
  glDisable(GL_CULL_FACE);
  glDisable(GL_DEPTH_TEST);
}

}  // namespace

void SectionTexture::upload(const SectionImage& image) {
  values_.upload(image.probabilities, image.width, image.height, 1);
  values_.set_smooth(true);
  origin_ = image.origin;
  across_ = image.across;
  along_ = image.along;
  static std::uint64_t uploads = 0;
  revision_ = ++uploads;
}

MeshRenderer::MeshRenderer() {
  glGenVertexArrays(1, &nothing_);
  std::vector<std::uint8_t> rows;
  for (const Colormap map : {Colormap::viridis, Colormap::magma, Colormap::diverging}) {
    const auto row = colormap_table(map, 256);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  colour_maps_.upload(std::span<const std::uint8_t>(rows), 256, 3, 3);
  colour_maps_.set_smooth(true);
  // A missing or broken shader is found at the start.
  program_for("mesh.vert", "mesh.frag", {"WIRE 0", "BACKS 0", "CUT 0"});
  program_for("screen.vert", "mesh_ground.frag");
  program_for("screen.vert", "mesh_occlusion.frag");
  program_for("screen.vert", "mesh_light.frag", {"MODE 0", "WIRE 0", "SECTION 0", "CUT 0"});
  program_for("screen.vert", "mesh_mean.frag");
}

MeshRenderer::~MeshRenderer() {
  glDeleteVertexArrays(1, &nothing_);
}

Program& MeshRenderer::program_for(const std::string& vertex, const std::string& fragment,
                                   const std::vector<std::string>& defines) {
  std::string key = fragment;
  for (const auto& line : defines) key += "," + line;
  auto& program = programs_[key];
  if (!program) program = std::make_unique<Program>(vertex, fragment, defines);
  return *program;
}

bool MeshRenderer::reload_if_changed(std::string* message) {
  bool replaced = false;
  for (auto& [key, program] : programs_) {
    if (program->reload_if_changed()) replaced = true;
    if (!program->error().empty()) *message = program->error();
  }
  return replaced;
}

void MeshRenderer::draw(const MeshScene& scene, const Target& into, int pass) {
  pass_into(scene, into, pass, false);
}

void MeshRenderer::add(const MeshScene& scene, const Target& sum, int pass) {
  pass_into(scene, sum, pass, true);
}

void MeshRenderer::pass_into(const MeshScene& scene, const Target& into, int pass, bool adding) {
  const TargetScope restored;
  prepare_state();
  const int width = into.width(), height = into.height();
  const bool wire = scene.style.wire && scene.mesh && !scene.mesh->empty();
  const Target& surface = wire ? sized(wired_surface_, width, height, {GL_RGBA32F, GL_R32UI}, true)
                               : sized(surface_, width, height, {GL_RGBA32F}, true);
  const Target& occlusion = sized(occlusion_, (width + 1) / 2, (height + 1) / 2, {GL_RG32F}, false);
  const Matrix4 projection = shifted_projection(scene.camera, width, height, pass);

  surface.bind();
  draw_surface(scene, projection, wire);
  occlusion.bind();
  const Program& program = program_for("screen.vert", "mesh_occlusion.frag");
  program.use();
  set_lens(program, projection, surface);
  const float turn = static_cast<float>(pass) * 0.618034f;  // the golden angle spreads evenly
  glUniform1f(program.uniform("turn"), turn - std::floor(turn));
  draw_screen();

  into.borrow_depth(&surface);
  into.bind();
  if (adding && pass > 0) {
    glEnable(GL_BLEND);
    glBlendEquation(GL_FUNC_ADD);
    glBlendFunc(GL_ONE, GL_ONE);
  }
  bind(occlusion_unit, occlusion.texture());
  draw_light(scene, projection, surface, !adding);
  into.borrow_depth(nullptr);
  glDisable(GL_BLEND);
  glActiveTexture(GL_TEXTURE0);
}

void MeshRenderer::draw_surface(const MeshScene& scene, const Matrix4& projection, bool wire) {
  const float nowhere[4] = {0, 0, 0, 0};
  glClearBufferfv(GL_COLOR, 0, nowhere);
  const float farthest = 1;
  glDepthMask(GL_TRUE);
  glClearBufferfv(GL_DEPTH, 0, &farthest);
  if (!scene.mesh || scene.mesh->empty()) return;
  // From outside a closed mesh shows no backs: leaving them out halves the work of a software
  // renderer.
  const bool cut = scene.style.cut.has_value();
  const bool backs = cut || !scene.mesh->closed() || within_reach(scene.camera.eye());
  const Program& program = program_for(
      "mesh.vert", "mesh.frag", {define("WIRE", wire), define("BACKS", backs), define("CUT", cut)});
  program.use();
  const Matrix4 view = scene.camera.view();
  glUniformMatrix4fv(program.uniform("view"), 1, GL_FALSE, view.data());
  glUniformMatrix4fv(program.uniform("clip_from_view"), 1, GL_FALSE, projection.data());
  if (cut) {
    const CutPlane& plane = *scene.style.cut;
    glUniform4f(program.uniform("cut"), plane.normal.x, plane.normal.y, plane.normal.z,
                plane.offset);
    glEnable(GL_CLIP_DISTANCE0);
  }
  if (!backs) glEnable(GL_CULL_FACE);
  glCullFace(GL_BACK);
  glFrontFace(GL_CCW);
  glEnable(GL_DEPTH_TEST);
  glDepthFunc(GL_LESS);
  scene.mesh->draw();
  glDisable(GL_CULL_FACE);
  glDisable(GL_CLIP_DISTANCE0);
  glDisable(GL_DEPTH_TEST);
}

void MeshRenderer::draw_light(const MeshScene& scene, const Matrix4& projection,
                              const Target& surface, bool dithered) {
  const MeshStyle& style = scene.style;
  const bool meshed = scene.mesh && !scene.mesh->empty();
  const bool wire = style.wire && meshed, section = scene.section && !scene.section->empty();
  // With a section every pixel may show something; without one, depths tell the mesh and the ground
  // behind it apart before either is worked out.
  if (!section) {
    glEnable(GL_DEPTH_TEST);
    glDepthMask(GL_FALSE);
    glDepthFunc(GL_EQUAL);
    const Program& ground = program_for("screen.vert", "mesh_ground.frag");
    ground.use();
    set_ground(ground, style, dithered);
    set_lens(ground, projection, surface);
    draw_screen();
    glDepthFunc(GL_GREATER);
  }
  const Program& program =
      program_for("screen.vert", "mesh_light.frag",
                  {define("MODE", static_cast<int>(style.mode)), define("WIRE", wire),
                   define("SECTION", section), define("CUT", style.cut.has_value())});
  program.use();
  set_lens(program, projection, surface);
  glUniform1i(program.uniform("occlusion"), static_cast<GLint>(occlusion_unit));
  glUniform1i(program.uniform("colour_maps"), static_cast<GLint>(maps_unit));
  colour_maps_.bind(maps_unit);
  const Matrix4 view = scene.camera.view();
  const float back[9] = {view[0], view[4], view[8], view[1], view[5],
                         view[9], view[2], view[6], view[10]};
  glUniformMatrix3fv(program.uniform("space_from_view"), 1, GL_FALSE, back);
  set_ground(program, style, dithered);
  const Rgb clay = style.tint ? mixed(style.surface, *style.tint, 0.22f) : style.surface;
  set(program, "surface_colour", to_linear(clay));
  set(program, "inside_colour", to_linear(style.inside));
  set(program, "section_colour", style.section);
  glUniform1f(program.uniform("error_scale"), 1 / std::max(style.error_limit, 1e-9f));
  glUniform1i(program.uniform("error_map"), static_cast<GLint>(style.error_map));
  const auto height = static_cast<float>(std::min(surface.width(), surface.height()));
  glUniform1f(program.uniform("spread"), std::max(1.0f, std::round(height / 560)));
  if (wire) {
    scene.mesh->bind_storage(0);
    bind(triangle_unit, surface.texture(1));
    glUniform1i(program.uniform("triangles"), static_cast<GLint>(triangle_unit));
    const Matrix4 whole = projection * view;
    glUniformMatrix4fv(program.uniform("clip_from_space"), 1, GL_FALSE, whole.data());
    // Lines that stand out from the surface, whatever its lightness.
    const bool light = style.mode != MeshMode::shaded || brightness(style.surface) > 0.5f;
    set(program, "wire_colour", light ? Rgb{0.08f, 0.09f, 0.11f} : Rgb{0.92f, 0.93f, 0.95f});
  }
  if (section) set_section(program, scene);
  draw_screen();
  glDisable(GL_DEPTH_TEST);
  glDepthMask(GL_TRUE);
}

void MeshRenderer::set_section(const Program& program, const MeshScene& scene) const {
  const SectionTexture& section = *scene.section;
  section.values_.bind(section_unit);
  glUniform1i(program.uniform("occupancy"), static_cast<GLint>(section_unit));
  const Matrix4 view = scene.camera.view();
  const auto corner = transformed(view, section.origin_);
  glUniform3f(program.uniform("section_origin"), corner[0], corner[1], corner[2]);
  const Vec3 a = rotated(view, section.across_), b = rotated(view, section.along_);
  const Vec3 n = cross(a, b);
  set(program, "section_normal", normalised(n));
  // Dual to the sides: dot(across', a) = 1, dot(across', b) = 0, and the other way round.
  const float area = std::max(dot(n, n), 1e-20f);
  set(program, "section_across", cross(b, n) * (1 / area));
  set(program, "section_along", cross(n, a) * (1 / area));
}

void MeshRenderer::draw_screen() const {
  glBindVertexArray(nothing_);
  glDrawArrays(GL_TRIANGLES, 0, 3);
  glBindVertexArray(0);
}

void MeshRenderer::mean(const Target& sum, int count, const Target& into) {
  const TargetScope restored;
  prepare_state();
  into.bind();
  const Program& program = program_for("screen.vert", "mesh_mean.frag");
  program.use();
  bind(surface_unit, sum.texture());
  glUniform1i(program.uniform("surface"), static_cast<GLint>(surface_unit));
  glUniform1f(program.uniform("share"), 1 / static_cast<float>(count));
  draw_screen();
  glActiveTexture(GL_TEXTURE0);
}

Image MeshRenderer::picture(const MeshScene& scene, int width, int height) {
  const TargetScope restored;
  const Target sum(width, height, {GL_RGBA32F}), result(width, height, {GL_RGBA8});
  for (int pass = 0; pass < passes; ++pass) add(scene, sum, pass);
  mean(sum, passes, result);
  result.bind();
  const std::vector<std::uint8_t> bytes = read_rgb_rows(width, height);
  Image image;
  image.width = width;
  image.height = height;
  image.channels = 3;
  image.pixels.resize(bytes.size());
  std::transform(bytes.begin(), bytes.end(), image.pixels.begin(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
  return image;
}

}  // namespace fieldscope::gl
