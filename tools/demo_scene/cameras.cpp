#include "tools/demo_scene/cameras.h"

#include <cstdio>

namespace fieldscope::demo_scene {
namespace {

const double kGoldenAngle = kPi * (3 - std::sqrt(5.0));

// Towards the origin, from an angle around the upright axis and a height (the sine of elevation).
Camera looking_from(double around, double height) {
  const double level = std::sqrt(1 - height * height);
  Camera camera;
  camera.back = {level * std::cos(around), level * std::sin(around), height};
  camera.right = normalize(cross({0, 0, 1}, camera.back));
  camera.up = cross(camera.back, camera.right);
  camera.position = camera.back * kDistance;
  return camera;
}

// A golden spiral from the horizon up: equal heights are equal areas of the sphere. Its cameras are
// taken in strides, so that the first few are spread as well as all of them.
std::vector<Camera> spiral(int count, int stride, double low, double high, double turn) {
  std::vector<Camera> cameras;
  for (int i = 0; i < count; ++i) {
    const int k = i * stride % count;
    cameras.push_back(looking_from(turn + k * kGoldenAngle, mix(low, high, (k + 0.5) / count)));
  }
  return cameras;
}

// Turned so that no camera is near one of the spirals: at least 8 degrees from each.
std::vector<Camera> circle(int count) {
  std::vector<Camera> cameras;
  for (int i = 0; i < count; ++i) {
    const double around = 2 * kPi * i / count;
    const double elevation = 0.48 + 0.22 * std::sin(2 * around + 0.75);
    cameras.push_back(looking_from(around - 1.82, std::sin(elevation)));
  }
  return cameras;
}

void append(std::string& text, double number) {
  // Enough digits for any use, few enough to be the same on every machine.
  char digits[32];
  std::snprintf(digits, sizeof digits, "%.9f", std::abs(number) < 5e-10 ? 0.0 : number);
  text += digits;
}

}  // namespace

Ray Camera::ray(double u, double v) const {
  const double half = std::tan(kFieldOfView / 2);
  return {position, normalize(right * ((2 * u - 1) * half) + up * ((1 - 2 * v) * half) - back)};
}

std::vector<Split> splits() {
  return {{"train", spiral(48, 29, 0.03, 0.97, 0.4)},
          {"val", spiral(4, 1, 0.1, 0.9, 2.0)},
          {"test", circle(8)}};
}

std::string transforms_json(const Split& split) {
  std::string text = "{\n  \"camera_angle_x\": 0.6911112070083618,\n  \"frames\": [";
  for (std::size_t i = 0; i < split.cameras.size(); ++i) {
    const Camera& c = split.cameras[i];
    const double rows[4][4] = {{c.right.x, c.up.x, c.back.x, c.position.x},
                               {c.right.y, c.up.y, c.back.y, c.position.y},
                               {c.right.z, c.up.z, c.back.z, c.position.z},
                               {0, 0, 0, 1}};
    text += i == 0 ? "\n" : ",\n";
    text += "    {\n      \"file_path\": \"./" + split.name + "/r_" + std::to_string(i) + "\",\n";
    text += "      \"transform_matrix\": [";
    for (int r = 0; r < 4; ++r) {
      text += r == 0 ? "\n        [" : ",\n        [";
      for (int k = 0; k < 4; ++k) {
        if (k > 0) text += ", ";
        append(text, rows[r][k]);
      }
      text += "]";
    }
    text += "\n      ]\n    }";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace fieldscope::demo_scene
