#include "app/gui/widgets/image_view.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "app/gui/widget_map.h"
#include "engine/math/colormap.h"

namespace fieldscope::gui {
namespace {

// More than this many screen pixels a texel shows nothing new.
constexpr double closest_texel = 96;

double fit_scale(const Rect& region, int width, int height) {
  return std::min(static_cast<double>(region.width()) / width,
                  static_cast<double>(region.height()) / height);
}

// Keeps the picture where it can be seen: no view lies wholly beside it.
void keep_in_view(ImageTransform& transform) {
  transform.centre_x = std::clamp(transform.centre_x, 0.0, 1.0);
  transform.centre_y = std::clamp(transform.centre_y, 0.0, 1.0);
  if (transform.zoom <= 1.0) transform.centre_x = transform.centre_y = 0.5;
}

}  // namespace

Rect place_picture(const Rect& region, const ImageTransform& transform, int width, int height) {
  const double scale = fit_scale(region, width, height) * transform.zoom;
  const double w = width * scale, h = height * scale;
  double x = (region.min.x + region.max.x) / 2.0 - transform.centre_x * w;
  double y = (region.min.y + region.max.y) / 2.0 - transform.centre_y * h;
  if (transform.zoom == 1.0) x = std::round(x), y = std::round(y);
  return {{static_cast<float>(x), static_cast<float>(y)},
          {static_cast<float>(x + w), static_cast<float>(y + h)}};
}

gl::Program& ImageRenderer::program_for(int mode, bool shrunk) {
  auto& program = programs_[mode * 2 + (shrunk ? 1 : 0)];
  if (!program)
    program = std::make_unique<gl::Program>(
        "image.vert", "image.frag",
        std::vector<std::string>{"MODE " + std::to_string(mode), shrunk ? "SHRUNK 1" : "SHRUNK 0"});
  return *program;
}

ImageRenderer::ImageRenderer() {
  program_for(0, false);  // a missing or broken shader is found at the start
  glGenVertexArrays(1, &vertex_array_);
  std::vector<std::uint8_t> rows;
  for (const Colormap map : {Colormap::viridis, Colormap::magma, Colormap::diverging}) {
    const auto row = colormap_table(map, 256);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  colour_maps_.upload(std::span<const std::uint8_t>(rows), 256, 3, 3);
}

ImageRenderer::~ImageRenderer() {
  glDeleteVertexArrays(1, &vertex_array_);
}

void ImageRenderer::begin_frame(double now) {
  jobs_.clear();
  if (now - looked_ < 1) return;
  looked_ = now;
  for (auto& [key, program] : programs_) {
    if (!program->reload_if_changed() && program->error().empty()) continue;
    if (!program->error().empty()) std::fprintf(stderr, "%s\n", program->error().c_str());
  }
}

void ImageRenderer::draw(ImDrawList* list, const Job& job) {
  if (!job.picture) return;
  if (job.mode == ImageMode::picture && job.picture->display.empty()) return;
  if (job.mode != ImageMode::picture &&
      (!job.reference || job.picture->values.empty() || job.reference->values.empty()))
    return;
  submit(list, job, false);
}

void ImageRenderer::draw_scale(ImDrawList* list, const Rect& where, ImageMode mode, int map) {
  Job job;
  job.mode = mode;
  job.map = map;
  job.region = job.placement = where;
  submit(list, job, true);
}

void ImageRenderer::submit(ImDrawList* list, const Job& job, bool scale) {
  jobs_.push_back({this, job, scale});  // a deque: earlier jobs keep their address
  list->PushClipRect(job.region.min, job.region.max, true);
  list->AddCallback(callback, &jobs_.back());
  list->AddCallback(ImDrawCallback_ResetRenderState, nullptr);
  list->PopClipRect();
}

void ImageRenderer::callback(const ImDrawList*, const ImDrawCmd* command) {
  const auto& stored = *static_cast<const Stored*>(command->UserCallbackData);
  const ImDrawData& data = *ImGui::GetDrawData();
  const ImVec2 scale = data.FramebufferScale;
  const float width = data.DisplaySize.x, height = data.DisplaySize.y;
  const ImVec4& clip = command->ClipRect;
  const float left = std::max(0.0f, clip.x), top = std::max(0.0f, clip.y);
  const float right = std::min(width, clip.z), bottom = std::min(height, clip.w);
  if (right <= left || bottom <= top) return;
  glEnable(GL_SCISSOR_TEST);
  glScissor(static_cast<GLint>(left * scale.x), static_cast<GLint>((height - bottom) * scale.y),
            static_cast<GLsizei>((right - left) * scale.x),
            static_cast<GLsizei>((bottom - top) * scale.y));
  const Rect& at = stored.job.placement;
  const float rect[4] = {at.min.x / width * 2 - 1, 1 - at.min.y / height * 2,
                         at.max.x / width * 2 - 1, 1 - at.max.y / height * 2};
  const float uv[4] = {0, 0, 1, 1};
  const float magnification =
      stored.scale ? 1
                   : at.width() * scale.x / static_cast<float>(stored.job.picture->display.width());
  stored.self->paint(stored.job, stored.scale, rect, uv, magnification);
}

void ImageRenderer::paint(const Job& job, bool scale, const float rect[4], const float uv[4],
                          float pixels_per_texel) {
  glDisable(GL_BLEND);
  glDisable(GL_CULL_FACE);
  glDisable(GL_DEPTH_TEST);
  const bool shrunk = !scale && pixels_per_texel < 1;
  const int mode = scale ? (job.mode == ImageMode::magnitude ? 3 : 4) : static_cast<int>(job.mode);
  gl::Program& program = program_for(mode, shrunk);
  program.use();
  glBindVertexArray(vertex_array_);
  glUniform4fv(program.uniform("rect"), 1, rect);
  glUniform4fv(program.uniform("uv_rect"), 1, uv);
  glUniform1i(program.uniform("map"), job.map);
  glUniform1f(program.uniform("limit"), std::max(1e-9f, job.limit));
  glUniform1i(program.uniform("picture"), 0);
  glUniform1i(program.uniform("reference"), 1);
  glUniform1i(program.uniform("colour_maps"), 2);
  colour_maps_.bind(2);
  colour_maps_.set_smooth(true);
  if (!scale) {
    const bool shown = job.mode == ImageMode::picture;
    const gl::Texture& picture = shown ? job.picture->display : job.picture->values;
    const auto w = static_cast<float>(picture.width()), h = static_cast<float>(picture.height());
    glUniform2f(program.uniform("texels"), w, h);
    glUniform2f(program.uniform("step_uv"), 1 / (w * pixels_per_texel), 1 / (h * pixels_per_texel));
    // Each linear sample covers two texels, so half as many are enough.
    const int taps = std::clamp(static_cast<int>(std::ceil(0.5f / pixels_per_texel)) + 1, 2, 8);
    glUniform1i(program.uniform("taps"), taps);
    if (!shown) {
      job.reference->values.bind(1);
      job.reference->values.set_smooth(true);
    }
    picture.bind(0);
    picture.set_smooth(true);
  }
  glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
  glActiveTexture(GL_TEXTURE0);
  glBindVertexArray(0);
}

void ImageRenderer::draw_whole(const Job& job) {
  const float rect[4] = {-1, 1, 1, -1}, uv[4] = {0, 0, 1, 1};
  glDisable(GL_SCISSOR_TEST);
  paint(job, false, rect, uv, 1);
}

ImageInput interact_with_image(Ui& ui, const std::string& id, const Rect& region, int width,
                               int height, ImageTransform& transform, bool alt_down) {
  ImageInput input;
  if (region.width() < 4 || region.height() < 4 || width <= 0 || height <= 0) return input;
  ImGui::SetCursorScreenPos(region.min);
  ImGui::InvisibleButton(id.c_str(), {region.width(), region.height()},
                         ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle |
                             ImGuiButtonFlags_MouseButtonRight);
  ui.map->add(id, region.min, region.max);
  const ImGuiIO& io = ImGui::GetIO();
  input.hovered = ImGui::IsItemHovered();
  input.double_clicked = input.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  input.right_clicked = input.hovered && ImGui::IsMouseReleased(ImGuiMouseButton_Right);
  const ImageTransform before = transform;
  Rect at = place_picture(region, transform, width, height);
  if (input.hovered && io.MouseWheel != 0) {
    const double fx = (io.MousePos.x - at.min.x) / at.width();
    const double fy = (io.MousePos.y - at.min.y) / at.height();
    const double fit = fit_scale(region, width, height);
    const double zoom =
        std::clamp(transform.zoom * std::pow(1.2, static_cast<double>(io.MouseWheel)), 1.0,
                   std::max(1.0, closest_texel / fit));
    // What is under the pointer stays under it.
    transform.centre_x = fx + (transform.centre_x - fx) * transform.zoom / zoom;
    transform.centre_y = fy + (transform.centre_y - fy) * transform.zoom / zoom;
    transform.zoom = zoom;
    keep_in_view(transform);
  }
  if (ImGui::IsItemActive() && !ImGui::IsMouseDown(ImGuiMouseButton_Right)) {
    if (alt_down) {
      input.alt_dragging = true;
    } else if (io.MouseDelta.x != 0 || io.MouseDelta.y != 0) {
      transform.centre_x -= io.MouseDelta.x / at.width();
      transform.centre_y -= io.MouseDelta.y / at.height();
      keep_in_view(transform);
    }
  }
  input.changed = transform != before;
  if (input.hovered) {
    at = place_picture(region, transform, width, height);
    const ImVec2 fraction = {(io.MousePos.x - at.min.x) / at.width(),
                             (io.MousePos.y - at.min.y) / at.height()};
    if (fraction.x >= 0 && fraction.y >= 0 && fraction.x < 1 && fraction.y < 1)
      input.fraction = fraction;
  }
  return input;
}

}  // namespace fieldscope::gui
