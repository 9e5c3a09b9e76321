// Built with CLI11 and with the stand-in for it: both print the same, about the same command lines.
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace {

void try_line(const std::vector<std::string>& arguments, bool with_files) {
  std::string line;
  for (const std::string& argument : arguments) line += " [" + argument + "]";
  std::printf("==%s\n", line.c_str());

  CLI::App app("Does something.", "program verb");
  app.allow_extras();
  std::vector<std::string> size, out, files;
  bool quiet = false;
  app.add_option("--size", size, "how large")->allow_extra_args(false)->type_name("WxH");
  app.add_option("--a-name-longer-than-the-column", out, "where")->allow_extra_args(false);
  app.add_flag("--quiet", quiet, "says nothing");
  if (with_files) app.add_option("FILES", files);
  app.footer("The end.");
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    std::printf("%s", app.help().c_str());
    return;
  } catch (const CLI::ParseError& error) {
    std::printf("refused: %s\n", error.what());
    return;
  }
  const auto print = [](const char* name, const std::vector<std::string>& texts) {
    std::printf("%s:", name);
    for (const std::string& text : texts) std::printf(" [%s]", text.c_str());
    std::printf("\n");
  };
  print("size", size);
  print("out", out);
  print("files", files);
  print("remaining", app.remaining());
  std::printf("quiet: %d\n", quiet ? 1 : 0);
}

}  // namespace

int main() {
  for (const bool with_files : {false, true})
    for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
             {},
             {"--help"},
             {"-h"},
             {"--size"},
             {"--size", "1x2"},
             {"--size=1x2"},
             {"--size=a=b"},
             {"--size="},
             {"--size=", "next"},
             {"--size", "--quiet"},
             {"--size", ""},
             {"--size", "1", "--size", "2"},
             {"--size", "1", "2"},
             {"--size", "-3x4"},
             {"--size", "--"},
             {"--quiet"},
             {"--quiet", "--quiet"},
             {"--quiet=true"},
             {"--quiet=false"},
             {"--quiet=1"},
             {"--quiet=0"},
             {"--quiet=on"},
             {"--quiet=off"},
             {"--quiet=yes"},
             {"--quiet=no"},
             {"--quiet=maybe"},
             {"--quiet=", "x"},
             {"--quiet", "--help"},
             {"--unknown"},
             {"--unknown=3", "x"},
             {"--siz", "3"},
             {"-x"},
             {"-x", "3"},
             {"-5"},
             {"-"},
             {""},
             {"a", "b", "--quiet", "c"},
             {"a", "--", "b", "--quiet"},
             {"--"},
             {"--a-name-longer-than-the-column", "x", "--size", "y", "z"},
         })
      try_line(line, with_files);
}
