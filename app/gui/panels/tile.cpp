// One tile of the stage: header strip, picture, wipe, readout, context menu.
#include <algorithm>
#include <cmath>

#include "app/gui/format.h"
#include "app/gui/panels/panel.h"

namespace fieldscope::gui {
namespace {

struct StateText {
  std::string text, shorter;  // the second where the first does not fit
  bool trouble = false;
};

StateText state_of(const RunView& run) {
  const Snapshot& s = *run.snapshot;
  const std::string epoch = "epoch " + format_integer(static_cast<std::uint64_t>(s.progress.epoch));
  const std::string step = "step " + format_integer(s.progress.step), both = epoch + "  ·  " + step;
  switch (s.status) {
    case RunStatus::starting:
      return {"starting", "starting"};
    case RunStatus::running:
    case RunStatus::waiting:
      if (run.waits) return {"waits for the others  ·  " + step, "waits  ·  " + step};
      return {both, step};
    case RunStatus::paused:
      return {"paused  ·  " + both, "paused  ·  " + step};
    case RunStatus::finished:
      return {"finished  ·  " + both, "finished"};
    case RunStatus::diverged:
      return {"diverged at " + step, "diverged", true};
    case RunStatus::failed:
      return {"failed: " + s.message, "failed", true};
  }
  return {};
}

std::string pixel_text(const Image& image, ImVec2 fraction) {
  const int x =
      std::min(static_cast<int>(fraction.x * static_cast<float>(image.width)), image.width - 1);
  const int y =
      std::min(static_cast<int>(fraction.y * static_cast<float>(image.height)), image.height - 1);
  const float* pixel = image.at(x, y);
  char text[64];
  if (image.channels == 1)
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(pixel[0]));
  else
    std::snprintf(text, sizeof text, "%.2f  %.2f  %.2f", static_cast<double>(pixel[0]),
                  static_cast<double>(pixel[1]), static_cast<double>(pixel[2]));
  return text;
}

const char* view_chip(ViewMode view) {
  switch (view) {
    case ViewMode::reconstruction:
      return "";
    case ViewMode::absolute_error:
      return "|error|";
    case ViewMode::signed_error:
      return "signed error";
    case ViewMode::versus_run:
      return "against run";
  }
  return "";
}

void draw_chip(Ui& ui, ImVec2 at, const std::string& text) {
  const ImVec2 size = text_size(ui.fonts.small, text);
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(at, {at.x + size.x + ui.px(16), at.y + ui.px(24)}, IM_COL32(16, 18, 22, 205),
                      ui.px(4));
  draw_text(list, ui.fonts.small, {at.x + ui.px(8), at.y + (ui.px(24) - size.y) / 2},
            IM_COL32(226, 230, 236, 255), text);
}

}  // namespace

void Stage::draw_tile(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->AddRectFilled(tile.header.min, tile.header.max, ui.colours.panel, ui.px(6),
                      ImDrawFlags_RoundCornersTop);
  draw_picture(context, tile);
  draw_header(context, tile);
  const bool selected =
      tile.run && tile.run == context.work.selected() && context.work.runs().size() > 1;
  if (selected) {
    const ImU32 colour = run_line_colour(ui, *tile.run, ui.colours.ground);
    list->AddRect({tile.card.min.x - 1, tile.card.min.y - 1},
                  {tile.card.max.x + 1, tile.card.max.y + 1}, with_alpha(colour, 0.9f), ui.px(6), 0,
                  ui.px(2));
  }
  draw_tile_menu(context, tile);
}

void Stage::draw_header(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  ImDrawList* list = ImGui::GetWindowDrawList();
  const Rect& at = tile.header;
  const float pad = ui.px(12), first = at.min.y + ui.px(9), second = at.min.y + ui.px(33);
  const ImFont* small = ui.fonts.small;
  if (!tile.run) {
    const ImageDataset& data = work.dataset();
    draw_text_fitted(list, ui.fonts.strong, {at.min.x + pad, first}, at.width() - 2 * pad,
                     ui.colours.text, "Ground truth");
    std::string text = std::to_string(data.image.width) + " × " +
                       std::to_string(data.image.height) + "  ·  " + data.name;
    if (const auto& pointer = pointer_ ? pointer_ : last_pointer_)
      text = "x " +
             std::to_string(static_cast<int>(pointer->x * static_cast<float>(data.image.width))) +
             "   y " +
             std::to_string(static_cast<int>(pointer->y * static_cast<float>(data.image.height)));
    draw_text_fitted(list, small, {at.min.x + pad, second}, at.width() - 2 * pad,
                     ui.colours.secondary, text);
    return;
  }
  const RunView& run = *tile.run;
  float right = at.max.x - pad, second_right = right;
  if (const auto psnr = work.quality(run)) {
    // A narrow tile keeps room for its name: a smaller number, and no unit.
    const bool narrow = at.width() < ui.px(212);
    const ImFont* font = narrow ? ui.fonts.strong : ui.fonts.metric;
    const std::string_view unit = "dB";
    const ImVec2 unit_size = narrow ? ImVec2{} : text_size(small, unit);
    const float gap = narrow ? 0 : ui.px(5);
    const std::string number = format_psnr(*psnr);
    const ImVec2 size = text_size(font, number);
    if (!narrow)
      draw_text(list, small, {right - unit_size.x, first + size.y - unit_size.y - ui.px(3)},
                ui.colours.secondary, unit);
    draw_text(list, font, {right - unit_size.x - gap - size.x, first - (narrow ? 0 : ui.px(4))},
              ui.colours.text, number);
    if (const auto lead = work.lead(run)) {
      const std::string text = (*lead >= 0 ? "+" : "−") + format_psnr(std::fabs(*lead));
      const ImVec2 lead_size = text_size(small, text);
      draw_text(list, small, {right - unit_size.x - gap - lead_size.x, second},
                *lead >= 0 ? ui.colours.good : ui.colours.secondary, text);
      second_right = right - unit_size.x - lead_size.x - ui.px(17);
    }
    right -= unit_size.x + gap + text_size(font, "00.00").x + ui.px(12);
  }
  const float bar = at.min.x + pad;
  list->AddRectFilled({bar, first + ui.px(2)}, {bar + ui.px(4), second + ui.px(13)},
                      run_line_colour(ui, run, ui.colours.panel), ui.px(2));
  const float left = bar + ui.px(12);
  draw_text_fitted(list, ui.fonts.strong, {left, first}, right - left, ui.colours.text, run.label);
  const StateText state = state_of(run);
  const bool fits = text_size(small, state.text).x <= second_right - left;
  draw_text_fitted(list, small, {left, second}, second_right - left,
                   state.trouble ? ui.colours.trouble : ui.colours.secondary,
                   fits ? state.text : state.shorter);
  // The strip selects its run.
  ImGui::SetCursorScreenPos(at.min);
  const std::string id = "tile." + std::to_string(tile.index);
  if (ImGui::InvisibleButton((id + ".header").c_str(), {at.width(), at.height()}))
    work.select(run.id);
  ui.map->add_last_item(id + ".header");
  if (!state.trouble || !rests_on_item()) return;
  tooltip(ui, state.text, run.snapshot->message);
}

ImageRenderer::Job Stage::job_for(PanelContext& context, const Tile& tile, bool truth) const {
  Workspace& work = context.work;
  ImageRenderer::Job job;
  job.region = tile.picture;
  job.picture = &work.truth;
  if (!tile.run || truth || tile.run->texture.display.empty()) return job;
  const ViewMode view = work.view_of(*tile.run);
  job.picture = &tile.run->texture;
  job.reference = &work.truth;
  job.limit = work.error_limit_in_force();
  job.map = work.colour_map;
  if (view == ViewMode::absolute_error) job.mode = ImageMode::magnitude;
  if (view == ViewMode::signed_error) job.mode = ImageMode::signed_difference;
  if (view == ViewMode::versus_run) {
    const RunView* other = work.reference_of(*tile.run);
    job.mode = ImageMode::signed_difference;
    if (other && !other->texture.values.empty()) job.reference = &other->texture;
  }
  return job;
}

void Stage::draw_picture(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const Image& image = work.dataset().image;
  ImageTransform& zoom = tile.run && tile.run->own_zoom ? *tile.run->own_zoom : work.zoom;
  const std::string id = "tile." + std::to_string(tile.index);
  const ImageInput input = interact_with_image(ui, id, tile.picture, image.width, image.height,
                                               zoom, context.window.alt_down());
  if (input.fraction) pointer_ = input.fraction;
  if (tile.run && ImGui::IsItemActivated()) work.select(tile.run->id);
  if (input.double_clicked) work.full_tile = work.full_tile == tile.index ? -1 : tile.index;
  if (input.right_clicked) ImGui::OpenPopup((id + ".menu").c_str());

  ImDrawList* list = ImGui::GetWindowDrawList();
  const Rect placement = place_picture(tile.picture, zoom, image.width, image.height);
  const bool covers =
      placement.min.x < tile.picture.min.x + 2 && placement.min.y < tile.picture.min.y + 2 &&
      placement.max.x > tile.picture.max.x - 2 && placement.max.y > tile.picture.max.y - 2;
  if (!covers || (tile.run && tile.run->texture.display.empty()))
    list->AddRectFilled(tile.picture.min, tile.picture.max,
                        mix(ui.colours.ground, ui.colours.panel, 0.4f));
  const bool held = pointer_.has_value() || last_pointer_.has_value();
  const bool truth = work.show_truth || (held && context.window.shift_down());
  ImageRenderer::Job job = job_for(context, tile, truth);
  job.placement = placement;
  const bool waiting = tile.run && tile.run->texture.display.empty();
  if (waiting && !truth) {
    const std::string_view text = "the first picture is on its way";
    const ImVec2 size = text_size(ui.fonts.small, text);
    draw_text(list, ui.fonts.small,
              {(tile.picture.min.x + tile.picture.max.x - size.x) / 2,
               (tile.picture.min.y + tile.picture.max.y) / 2},
              ui.colours.secondary, text);
    return;
  }
  context.images.draw(list, job);
  if (input.alt_dragging) wipe_tile_ = tile.index, wipe_x_ = ImGui::GetIO().MousePos.x;
  if (wipe_tile_ == tile.index) draw_wipe(context, tile, job);

  list->PushClipRect(tile.picture.min, tile.picture.max, true);
  if (tile.run) {
    const std::string chip = truth ? "ground truth" : view_chip(work.view_of(*tile.run));
    if (!chip.empty() && (truth || tile.run->own_view))
      draw_chip(ui, {tile.picture.min.x + ui.px(8), tile.picture.min.y + ui.px(8)}, chip);
    if (tile.run->own_zoom)
      draw_icon(list, Icon::pin, {tile.picture.max.x - ui.px(18), tile.picture.min.y + ui.px(18)},
                ui.px(16), IM_COL32(226, 230, 236, 255));
  }
  draw_readout(context, tile, job.placement);
  list->PopClipRect();
}

void Stage::draw_wipe(PanelContext& context, const Tile& tile, const ImageRenderer::Job& job) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  if (!ImGui::IsMouseDown(ImGuiMouseButton_Left) || !context.window.alt_down()) {
    wipe_tile_ = -1;
    return;
  }
  // Right of the pointer stands the other run (or, over the truth, the selected run).
  const RunView* other = tile.run ? work.reference_of(*tile.run) : work.selected();
  ImageRenderer::Job second = job;
  std::string name = "ground truth";
  second.picture = &work.truth;
  second.mode = ImageMode::picture;
  if (other && !other->texture.display.empty()) {
    second.picture = &other->texture;
    second.mode = job.mode;
    second.reference = &work.truth;
    name = other->label;
  }
  const float x = std::clamp(wipe_x_, tile.picture.min.x, tile.picture.max.x);
  second.region.min.x = x;
  ImDrawList* list = ImGui::GetWindowDrawList();
  context.images.draw(list, second);
  list->AddRectFilled({x - 1, tile.picture.min.y}, {x + 1, tile.picture.max.y},
                      IM_COL32(255, 255, 255, 220));
  const float y = tile.picture.max.y - ui.px(64);
  const std::string mine = tile.run ? tile.run->label : "ground truth";
  draw_chip(ui, {x - ui.px(24) - text_size(ui.fonts.small, mine).x, y}, mine);
  draw_chip(ui, {x + ui.px(8), y}, name);
}

void Stage::draw_readout(PanelContext& context, const Tile& tile, const Rect& placement) {
  if (!last_pointer_ && !pointer_) return;
  Ui& ui = context.ui;
  const ImVec2 at = pointer_ ? *pointer_ : *last_pointer_;
  const Image& truth = context.work.dataset().image;
  const Image* image = tile.run ? tile.run->picture.get() : &truth;
  if (!image || image->width != truth.width || image->height != truth.height) return;
  ImDrawList* list = ImGui::GetWindowDrawList();
  // The same pixel in every tile.
  const float cell_w = placement.width() / static_cast<float>(truth.width);
  const float cell_h = placement.height() / static_cast<float>(truth.height);
  const float px = std::floor(at.x * static_cast<float>(truth.width)),
              py = std::floor(at.y * static_cast<float>(truth.height));
  const ImVec2 min = {placement.min.x + px * cell_w, placement.min.y + py * cell_h};
  const float grow = std::max(0.0f, ui.px(5) - cell_w / 2);
  const ImVec2 a = {min.x - grow, min.y - grow}, b = {min.x + cell_w + grow, min.y + cell_h + grow};
  list->AddRect({a.x - 1, a.y - 1}, {b.x + 1, b.y + 1}, IM_COL32(0, 0, 0, 160), 2);
  list->AddRect(a, b, IM_COL32(255, 255, 255, 230), 2);
  const std::string text = pixel_text(*image, at);
  draw_chip(ui, {tile.picture.min.x + ui.px(8), tile.picture.max.y - ui.px(32)}, text);
}

void Stage::draw_tile_menu(PanelContext& context, const Tile& tile) {
  Ui& ui = context.ui;
  Workspace& work = context.work;
  const std::string id = "tile." + std::to_string(tile.index), popup = id + ".menu";
  if (!begin_popup(ui, popup.c_str())) return;
  const RunId run = tile.run ? tile.run->id : 0;
  if (menu_item(ui, popup + ".save", "Save picture, native size")) context.exports.tile_later(run);
  if (tile.run && menu_item(ui, popup + ".copy", "Copy its numbers")) {
    const Snapshot& now = *tile.run->snapshot;
    const std::string text = tile.run->label + "\tstep " + std::to_string(now.progress.step) +
                             "\tPSNR " + (now.quality ? format_psnr(now.quality->psnr) : "-") +
                             " dB\tloss " + format_significant(now.loss) + "\t" +
                             format_significant(now.progress.train_seconds) + " s";
    ImGui::SetClipboardText(text.c_str());
  }
  const bool full = work.full_tile == tile.index;
  if (menu_item(ui, popup + ".full", full ? "Show all tiles" : "Fill the centre", "F"))
    work.full_tile = full ? -1 : tile.index;
  if (tile.run) {
    menu_separator(ui);
    menu_heading(ui, "THIS TILE SHOWS");
    if (menu_item(ui, popup + ".view.window", "The same as the others", "", !tile.run->own_view))
      tile.run->own_view.reset();
    for (int i = 0; i < view_mode_count; ++i) {
      const auto view = static_cast<ViewMode>(i);
      if (menu_item(ui, popup + ".view." + std::to_string(i), view_mode_name(view), "",
                    tile.run->own_view == view))
        tile.run->own_view = view;
    }
    menu_separator(ui);
    if (menu_item(ui, popup + ".pin", tile.run->own_zoom ? "Link zoom again" : "Unlink zoom")) {
      if (tile.run->own_zoom)
        tile.run->own_zoom.reset();
      else
        tile.run->own_zoom = work.zoom;
    }
    if (menu_item(ui, popup + ".reference", "Use as reference", "", work.reference_run == run))
      work.reference_run = run;
    menu_separator(ui);
    fork_menu(context, popup + ".fork", run);
  }
  end_popup();
}

}  // namespace fieldscope::gui
