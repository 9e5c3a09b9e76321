#include "app/gui/widgets/file_dialog.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include "app/gui/format.h"
#include "app/gui/widgets/controls.h"
#include "app/gui/widgets/text_entry.h"
#include "engine/experiment/presets.h"
#include "engine/math/bytes.h"

namespace fieldscope::gui {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

fs::path home() {
  const char* folder = std::getenv("HOME");
  return folder ? folder : "/";
}

fs::path expanded(const std::string& text) {
  if (text == "~") return home();
  if (text.rfind("~/", 0) == 0) return home() / text.substr(2);
  return text;
}

}  // namespace

void FileDialog::open(const fs::path& folder) {
  open_ = appearing_ = focus_path_ = true;
  enter(folder.empty() ? home() : folder);
}

bool FileDialog::fits_filter(const std::string& name) const {
  const std::string ending = lower(fs::path(name).extension().string());
  return std::find(extensions_.begin(), extensions_.end(), ending) != extensions_.end();
}

// What can be opened or entered; nothing for every other file.
std::optional<FileDialog::Kind> FileDialog::kind_of(const fs::path& path) const {
  std::error_code error;
  if (is_experiment_(path)) return Kind::experiment;
  if (fs::is_directory(path, error)) return Kind::folder;
  if (fits_filter(path.filename().string())) return Kind::picture;
  return std::nullopt;
}

void FileDialog::enter(const fs::path& folder) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(folder, error), error);
  std::vector<Item> items;
  fs::directory_iterator entries(whole, error);
  if (error) {
    problem_ = "Cannot read " + whole.string() + ": " + error.message();
    return;
  }
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) break;
    std::error_code ignored;
    Item item;
    item.name = entries->path().filename().string();
    if (item.name.empty() || item.name[0] == '.') continue;
    const auto kind = kind_of(entries->path());
    if (!kind) continue;
    item.kind = *kind;
    if (item.kind == Kind::picture) item.bytes = entries->file_size(ignored);
    items.push_back(std::move(item));
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.kind != b.kind ? a.kind < b.kind : lower(a.name) < lower(b.name);
  });
  items_ = std::move(items);
  folder_ = whole;
  selected_ = -1;
  problem_.clear();
  std::string shown = whole.string();
  if (shown.back() != '/') shown += '/';
  std::snprintf(path_, sizeof path_, "%s", shown.c_str());
  rewrite_ = true;
}

void FileDialog::complete() {
  const fs::path typed = expanded(path_);
  const fs::path folder = typed.has_parent_path() ? typed.parent_path() : folder_;
  const std::string begin = typed.filename().string();
  std::error_code error;
  std::vector<std::string> matches;
  for (fs::directory_iterator entries(folder, error), end; !error && entries != end;
       entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name.rfind(begin, 0) != 0 || (begin.empty() && name[0] == '.')) continue;
    if (const auto kind = kind_of(entries->path()))
      matches.push_back(kind == Kind::folder ? name + "/" : name);
  }
  if (matches.empty()) return;
  std::string common = matches[0];
  for (const auto& match : matches) {
    std::size_t same = 0;
    while (same < std::min(common.size(), match.size()) && common[same] == match[same]) ++same;
    common.resize(same);
  }
  std::snprintf(path_, sizeof path_, "%s", (folder / common).string().c_str());
  rewrite_ = true;
}

int FileDialog::edit_callback(ImGuiInputTextCallbackData* data) {
  auto& self = *static_cast<FileDialog*>(data->UserData);
  if (data->EventFlag == ImGuiInputTextFlags_CallbackCompletion) {
    std::snprintf(self.path_, sizeof self.path_, "%.*s", data->BufTextLen, data->Buf);
    self.complete();
  }
  // ImGui edits a copy while the field is active: what the program changes goes in here.
  if (self.rewrite_) {
    self.rewrite_ = false;
    data->DeleteChars(0, data->BufTextLen);
    data->InsertChars(0, self.path_);
  }
  return 0;
}

// The path is wrong: say so and let it be corrected.
void FileDialog::refuse(const std::string& problem) {
  problem_ = problem;
  focus_path_ = true;
}

std::optional<fs::path> FileDialog::accept() {
  fs::path whole = folder_ / expanded(path_);              // an absolute path replaces the folder
  if (!whole.has_filename()) whole = whole.parent_path();  // "folder/"
  std::error_code error;
  if (!fs::exists(whole, error)) {
    refuse("No such file: " + whole.string());
    return std::nullopt;
  }
  if (fs::is_directory(whole, error) && !is_experiment_(whole)) {
    enter(whole);
    focus_path_ = true;
    return std::nullopt;
  }
  open_ = false;
  return whole;
}

void FileDialog::draw_places(Ui& ui, ImVec2 size) {
  ImGui::BeginChild("places", size);
  menu_heading(ui, "PLACES");
  std::error_code error;
  const auto place = [&](const char* id, const char* name, const fs::path& folder) {
    if (folder.empty() || !fs::is_directory(folder, error)) return;
    if (menu_item(ui, std::string("open.place.") + id, name, "", folder_ == folder)) enter(folder);
  };
  place("home", "Home", home());
  place("pictures", "Pictures", home() / "Pictures");
  place("downloads", "Downloads", home() / "Downloads");
  place("desktop", "Desktop", home() / "Desktop");
  place("work", "Started from", fs::current_path(error));
  place("root", "Computer", "/");
  ImGui::EndChild();
}

void FileDialog::draw_row(Ui& ui, const Item& item, ImVec2 at, ImVec2 size) const {
  ImDrawList* list = ImGui::GetWindowDrawList();
  const Icon icon = item.kind == Kind::folder       ? Icon::folder
                    : item.kind == Kind::experiment ? Icon::logo
                    : is_mesh_file(item.name)       ? Icon::mesh
                                                    : Icon::image;
  const ImVec2 middle = {at.x + ui.px(18), at.y + size.y / 2};
  draw_icon(list, icon, middle, ui.px(14),
            item.kind == Kind::folder ? ui.colours.secondary : ui.colours.accent);
  const std::string detail = item.kind == Kind::picture      ? format_bytes(item.bytes)
                             : item.kind == Kind::experiment ? "experiment"
                                                             : "";
  const float right = at.x + size.x - ui.px(12) - text_size(ui.fonts.small, detail).x;
  const float y = at.y + (size.y - font_pixels(ui.fonts.body)) / 2, left = at.x + ui.px(36);
  draw_text_fitted(list, ui.fonts.body, {left, y}, right - ui.px(12) - left, ui.colours.text,
                   item.name);
  draw_text(list, ui.fonts.small, {right, y + ui.px(1)}, ui.colours.secondary, detail);
}

std::optional<fs::path> FileDialog::draw_list(Ui& ui, ImVec2 size) {
  std::optional<fs::path> chosen;
  fs::path go;
  ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
  ImGui::BeginChild("list", size);
  const ImVec2 room = {ImGui::GetContentRegionAvail().x, ui.px(28)};
  const auto row = [&](const std::string& id, const Item& item, bool selected) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool clicked = ImGui::InvisibleButton(id.c_str(), room);
    if (ImGui::IsItemVisible()) ui.map->add(id, at, {at.x + room.x, at.y + room.y});
    if (selected || ImGui::IsItemHovered())
      ImGui::GetWindowDrawList()->AddRectFilled(
          at, {at.x + room.x, at.y + room.y},
          selected ? with_alpha(ui.colours.accent, 0.2f) : ui.colours.hovered, ui.px(4));
    draw_row(ui, item, at, room);
    return clicked;
  };
  if (folder_.has_parent_path() && folder_ != folder_.root_path())
    if (row("open.up", {"..", Kind::folder, 0}, false)) go = folder_.parent_path();
  for (int i = 0; i < static_cast<int>(items_.size()); ++i) {
    const Item& item = items_[static_cast<std::size_t>(i)];
    const bool clicked = row("open.item." + item.name, item, i == selected_);
    if (item.kind == Kind::folder) {
      if (clicked) go = folder_ / item.name;
      continue;
    }
    if (ImGui::IsItemHovered() && ImGui::IsMouseDoubleClicked(0)) chosen = folder_ / item.name;
    if (clicked) {
      selected_ = i;
      std::snprintf(path_, sizeof path_, "%s", (folder_ / item.name).string().c_str());
      rewrite_ = false;
      problem_.clear();
    }
  }
  if (items_.empty()) {
    ImGui::Dummy({0, ui.px(24)});
    quiet_text(ui, "  No folders, pictures, meshes or experiments here.");
  }
  ImGui::EndChild();
  ImGui::PopStyleVar();
  if (!go.empty()) enter(go);
  return chosen;
}

bool FileDialog::draw_path(Ui& ui, float width) {
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {ui.px(10), ui.px(8)});
  ImGui::SetNextItemWidth(width);
  if (focus_path_) {
    ImGui::SetKeyboardFocusHere();
    focus_path_ = false;
  }
  const bool entered = ImGui::InputTextWithHint(
      "##path", "Path of a picture, a mesh or a saved experiment; Tab completes", path_,
      sizeof path_,
      ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_CallbackCompletion |
          ImGuiInputTextFlags_CallbackAlways,
      edit_callback, this);
  if (entered) keep_typing();  // closing the dialog ends it
  ui.map->add_last_item("open.path");
  ImGui::PopStyleVar();
  return entered;
}

std::optional<fs::path> FileDialog::draw(Ui& ui) {
  if (!open_ && !shown_) return std::nullopt;
  const ImVec2 window = ImGui::GetMainViewport()->Size;
  const ImVec2 size = {std::min(ui.px(760), window.x - ui.px(48)),
                       std::min(ui.px(520), window.y - ui.px(48))};
  ImGui::SetNextWindowPos({(window.x - size.x) / 2, (window.y - size.y) / 2});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {ui.px(20), ui.px(16)});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, ui.px(8));
  ImGui::PushStyleColor(ImGuiCol_WindowBg, ui.colours.panel);
  if (appearing_) ImGui::OpenPopup("##open");
  appearing_ = false;
  std::optional<fs::path> chosen;
  if (ImGui::BeginPopupModal("##open", nullptr,
                             ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                 ImGuiWindowFlags_NoSavedSettings)) {
    shown_ = true;
    {
      const FontScope font(ui.fonts.strong);
      ImGui::TextUnformatted("Open a picture, a mesh, a scene or an experiment");
    }
    const float width = ImGui::GetContentRegionAvail().x, button_row = ui.px(40);
    const float body = size.y - ui.px(16 * 2 + 24 + 8 * 3 + 40 + 24) - button_row;
    const float places = ui.px(160);
    if (draw_path(ui, width)) chosen = accept();
    draw_places(ui, {places, body});
    ImGui::SameLine(0, ui.px(12));
    if (auto picked = draw_list(ui, {width - places - ui.px(12), body})) {
      chosen = picked;
      open_ = false;
    }
    const ImVec2 foot = {ImGui::GetWindowPos().x + ui.px(20),
                         ImGui::GetWindowPos().y + size.y - ui.px(16 + 32)};
    draw_text_fitted(
        ImGui::GetWindowDrawList(), ui.fonts.small, {foot.x, foot.y + ui.px(9)}, width - ui.px(210),
        problem_.empty() ? ui.colours.secondary : ui.colours.trouble,
        problem_.empty()
            ? "PNG, JPEG, BMP, TGA, HDR, GIF; OBJ, PLY, STL; a folder of posed views; an experiment"
            : problem_);
    ImGui::SetCursorScreenPos({foot.x + width - ui.px(176), foot.y});
    if (text_button(ui, "open.cancel", "Cancel", {})) open_ = false;
    ImGui::SetCursorScreenPos({foot.x + width - ui.px(84), foot.y});
    ButtonLook primary;
    primary.primary = true;
    if (text_button(ui, "open.accept", "   Open   ", primary)) chosen = accept();
    if (!open_) ImGui::CloseCurrentPopup();
    shown_ = open_;
    ImGui::EndPopup();
  } else {
    open_ = false;  // Escape closes popups
    shown_ = false;
  }
  ImGui::PopStyleColor();
  ImGui::PopStyleVar(2);
  return chosen;
}

}  // namespace fieldscope::gui
