// Stand-in for CLI/CLI.hpp, for machines that do not have it (package libcli11-dev): flags, options
// that may be repeated, one list of positional arguments, and the help page, with CLI11's rules and
// texts. What it lacks is listed in third_party/README.md.
#pragma once

#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace CLI {

struct ParseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct CallForHelp : ParseError {
  CallForHelp() : ParseError("This should be caught in your main function, see examples") {}
};

/// Where what is given goes: to a list of texts, or for a flag to a bool.
class Option {
 public:
  Option* type_name(std::string name) {
    type_ = std::move(name);
    return this;
  }
  /// Only false is known: one value each time that the option is given. A positional takes all.
  Option* allow_extra_args(bool) { return this; }

 private:
  friend class App;
  Option(std::string name, std::string help, std::vector<std::string>* texts, bool* flag)
      : name_(std::move(name)), help_(std::move(help)), texts_(texts), flag_(flag) {}

  bool positional() const { return !name_.starts_with("-"); }

  void set_flag(std::string_view text) {
    for (const std::string_view yes : {"", "true", "on", "yes", "enable", "1"})
      if (text == yes) return void(*flag_ = true);
    for (const std::string_view no : {"false", "off", "no", "disable", "0"})
      if (text == no) return void(*flag_ = false);
    throw ParseError("Could not convert: " + name_ + " = " + std::string(text));
  }

  std::string name_, help_, type_ = "TEXT";
  std::vector<std::string>* texts_;
  bool* flag_;
};

/// One command with its options. What options write to must outlive the parsing.
class App {
 public:
  App(std::string description, std::string name)
      : description_(std::move(description)), name_(std::move(name)) {}

  void add_flag(std::string name, bool& to, std::string help) {
    options_.emplace_back(new Option(std::move(name), std::move(help), nullptr, &to));
  }
  /// A name without dashes: what is no option, in order.
  Option* add_option(std::string name, std::vector<std::string>& to, std::string help = "") {
    options_.emplace_back(new Option(std::move(name), std::move(help), &to, nullptr));
    return options_.back().get();
  }
  void allow_extras() { extras_allowed_ = true; }
  void footer(std::string text) { footer_ = std::move(text); }

  /// The arguments without the program's name, last one first; what is understood is taken away.
  void parse(std::vector<std::string>& arguments) {
    bool help = false, all_positional = false;
    while (!arguments.empty()) {
      const std::string argument = std::move(arguments.back());
      arguments.pop_back();
      const std::size_t equals = argument.find('=');
      const std::string name = argument.substr(0, equals);
      if (all_positional || !looks_like_option(argument)) {
        take_positional(argument);
      } else if (name == "--help" || name.starts_with("-h")) {
        help = true;
      } else if (Option* option = find(name)) {
        take(*option, equals == std::string::npos ? "" : argument.substr(equals + 1), arguments);
      } else {
        remaining_.push_back(argument);
        all_positional = argument == "--";
      }
    }
    if (help) throw CallForHelp();
    if (!extras_allowed_ && !remaining_.empty())
      throw ParseError("The following argument was not expected: " + remaining_.front());
  }

  /// What nobody wanted.
  const std::vector<std::string>& remaining() const { return remaining_; }

  std::string help() const {
    std::string usage = "Usage: " + name_ + " [OPTIONS]", positionals;
    std::string options = line("-h,--help", "Print this help message and exit");
    for (const auto& option : options_) {
      const std::string name =
          option->flag_ ? option->name_ : option->name_ + " " + option->type_ + " ...";
      if (option->positional()) {
        usage += " [" + option->name_ + "...]";
        positionals += line(name, option->help_);
      } else {
        options += line(name, option->help_);
      }
    }
    return description_ + "\n" + usage + "\n\n" +
           (positionals.empty() ? "" : "Positionals:\n" + positionals + "\n") + "Options:\n" +
           options + "\n" + footer_ + "\n";
  }

 private:
  /// -5 and - are none.
  static bool looks_like_option(std::string_view argument) {
    return argument.size() > 1 && argument[0] == '-' && !(argument[1] >= '0' && argument[1] <= '9');
  }

  static std::string line(const std::string& name, const std::string& help) {
    constexpr std::size_t column = 30;
    std::string text = "  " + name;
    if (text.size() >= column) text += "\n";  // the help then begins on the next line
    const std::size_t width = text.size() > column ? text.size() + column : column;
    text.resize(width, ' ');
    return text + help + "\n";
  }

  Option* find(std::string_view name) const {
    for (const auto& option : options_)
      if (option->name_ == name) return option.get();
    return nullptr;
  }

  void take(Option& option, std::string value, std::vector<std::string>& arguments) {
    if (option.flag_) return option.set_flag(value);
    if (value.empty()) {  // "--name=" takes the next one too
      if (arguments.empty())
        throw ParseError(option.name_ + ": 1 required " + option.type_ + " missing");
      value = std::move(arguments.back());
      arguments.pop_back();
    }
    option.texts_->push_back(std::move(value));
  }

  void take_positional(const std::string& argument) {
    for (const auto& option : options_)
      if (option->positional()) return option->texts_->push_back(argument);
    remaining_.push_back(argument);
  }

  std::string description_, name_, footer_;
  bool extras_allowed_ = false;
  std::vector<std::unique_ptr<Option>> options_;
  std::vector<std::string> remaining_;
};

}  // namespace CLI
