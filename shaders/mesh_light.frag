#version 430 core
// Light on the surface that mesh.frag wrote, and everything around it. The program defines, before
// this text, MODE (below), WIRE, SECTION and CUT, so that nothing is paid for what is not shown.
#include "colormap.glsl"
#include "surface.glsl"
#include "ground.glsl"

#define SHADED 0
#define NORMALS 1
#define ERROR 2

uniform sampler2D occlusion;
uniform mat3 space_from_view;
uniform vec3 surface_colour, inside_colour;      // linear
uniform vec3 section_colour;                     // as displayed
uniform float error_scale;                       // 1 / limit
uniform int error_map;
uniform float spread;  // pixels between neighbours that are compared for edges

out vec4 colour;

vec3 to_display(vec3 linear) {
  return pow(linear, vec3(1.0 / 2.2));
}

// Each of the four half-resolution values around counts where it is of the same surface.
float open_share(ivec2 pixel, float depth) {
  ivec2 first = (pixel - 1) >> 1, last = textureSize(occlusion, 0) - 1;
  float sum = 0.0, weights = 1e-4;
  for (int i = 0; i < 4; ++i) {
    ivec2 at = clamp(first + ivec2(i & 1, i >> 1), ivec2(0), last);
    vec2 value = texelFetch(occlusion, at, 0).xy;
    float weight = max(0.0, 1.0 - abs(value.y - depth) * 25.0) + 1e-3;
    sum += value.x * weight;
    weights += weight;
  }
  return sum / weights;
}

// Valleys negative, ridges positive: how the normal turns from pixel to pixel.
float curvature(ivec2 pixel, float depth, out float outline) {
  int s = int(spread);
  ivec2 last = ivec2(size) - 1;
  vec4 r = texelFetch(surface, min(pixel + ivec2(s, 0), last), 0);
  vec4 l = texelFetch(surface, max(pixel - ivec2(s, 0), ivec2(0)), 0);
  vec4 u = texelFetch(surface, min(pixel + ivec2(0, s), last), 0);
  vec4 d = texelFetch(surface, max(pixel - ivec2(0, s), ivec2(0)), 0);
  vec4 step = abs(vec4(r.w, l.w, u.w, d.w) - depth);
  float same = max(max(step.x, step.y), max(step.z, step.w)) < 0.02 * abs(depth) ? 1.0 : 0.0;
  // Where the cut meets the surface, the signs of the depths differ.
  vec4 sides = vec4(lessThan(vec4(r.w, l.w, u.w, d.w) * depth, vec4(0.0)));
  outline = min(1.0, dot(sides, vec4(1.0)));
  float turn = unpacked_facing(r.xy).x - unpacked_facing(l.xy).x + unpacked_facing(u.xy).y -
               unpacked_facing(d.xy).y;
  return turn * same;
}

// A studio: a large warm light from the upper left, a weak cool one from the right, a rim light
// from behind, and a sky; all fixed to the viewer, so that turning a mesh shows its shape.
vec3 lit(vec3 albedo, vec3 n, vec3 v, float open, float cavity) {
  const vec3 key = vec3(-0.49, 0.62, 0.61), fill = vec3(0.83, -0.10, 0.55);
  const vec3 rim = vec3(0.30, 0.62, -0.72);
  float facing = clamp(dot(n, v), 0.0, 1.0);
  float up = n.y * 0.5 + 0.5;
  vec3 sky = mix(vec3(0.085, 0.078, 0.075), vec3(0.27, 0.295, 0.33), up);
  float k = clamp((dot(n, key) + 0.22) / 1.22, 0.0, 1.0);
  float f = clamp((dot(n, fill) + 0.3) / 1.3, 0.0, 1.0);
  float shade = open * (1.0 + min(0.0, cavity));
  vec3 light = sky * shade +
               vec3(0.92, 0.875, 0.81) * (k * k * (0.45 + 0.55 * k)) * mix(shade, 1.0, 0.45) +
               vec3(0.15, 0.18, 0.22) * f * f * mix(shade, 1.0, 0.3);
  vec3 h = normalize(key + v);
  float gloss = pow(max(0.0, dot(n, h)), 28.0) * 0.10;
  float edge = 1.0 - facing;
  float back = clamp(dot(n, rim) + 0.35, 0.0, 1.0) * edge * edge * edge;
  return albedo * (light + max(0.0, cavity) * 0.35) + (gloss * k + back * 0.26) * open;
}

vec3 surface_shade(vec4 here, ivec2 pixel, vec3 p) {
  vec3 n = unpacked_facing(here.xy), v = normalize(-p);
  float outline;
  float bend = curvature(pixel, here.w, outline);
  float cavity = clamp(bend * (bend < 0.0 ? 0.9 : 0.45), -0.55, 0.4);
  float open = open_share(pixel, abs(here.w));
  bool front = here.w > 0.0;
#if CUT
  if (!front) return section_colour * (1.0 - 0.45 * outline);
#endif
#if MODE == SHADED
  vec3 result = to_display(lit(front ? surface_colour : inside_colour, n, v, open, cavity));
#else
#if MODE == NORMALS
  vec3 base = space_from_view * (front ? n : -n) * 0.5 + 0.5;
#else
  vec3 base = mapped_colour(here.z * error_scale, error_map);
#endif
  // Colours are read against a scale: what faces the viewer keeps them exactly, slopes are darker
  // or, where the colour is too dark for that, a little lighter.
  float slope = 1.0 - clamp(dot(n, v) * 1.1, 0.0, 1.0);
  float shade = (1.0 - 0.34 * slope) * mix(0.62, 1.0, min(1.0, open * 1.25)) *
                (1.0 + 0.6 * min(0.0, cavity));
  float lift = 0.27 * slope * slope * open + 0.30 * max(0.0, cavity - 0.04);
  vec3 result = base * shade + lift * (1.0 - base) * vec3(0.92, 0.96, 1.0);
  if (!front) result = mix(result, vec3(0.35), 0.55);
#endif
#if CUT
  result *= 1.0 - 0.35 * outline;
#endif
  return result;
}

#if WIRE
uniform usampler2D triangles;
uniform mat4 clip_from_space;
uniform vec3 wire_colour;  // as displayed
layout(std430, binding = 0) readonly buffer Vertices { float vertices[]; };  // 6 words each
layout(std430, binding = 1) readonly buffer Corners { uint corners[]; };

vec2 on_screen(uint corner) {
  uint i = corners[corner] * 6u;
  vec4 clip = clip_from_space * vec4(vertices[i], vertices[i + 1u], vertices[i + 2u], 1.0);
  return (clip.xy / max(clip.w, 1e-3) * 0.5 + 0.5) * size;
}

// How much of the pixel an edge covers. Where triangles are smaller than a few pixels, their edges
// fade to an even tone instead of a tangle.
float wire_cover(uint triangle, vec2 at) {
  vec2 a = on_screen(triangle * 3u), b = on_screen(triangle * 3u + 1u);
  vec2 c = on_screen(triangle * 3u + 2u);
  vec2 ab = b - a, bc = c - b, ca = a - c;
  float area = abs(ab.x * ca.y - ab.y * ca.x);
  vec3 lengths = vec3(length(ab), length(bc), length(ca));
  vec3 away = abs(vec3(ab.x * (at.y - a.y) - ab.y * (at.x - a.x),
                       bc.x * (at.y - b.y) - bc.y * (at.x - b.x),
                       ca.x * (at.y - c.y) - ca.y * (at.x - c.x))) / max(lengths, vec3(1e-3));
  float nearest = min(away.x, min(away.y, away.z));
  float height = area / max(lengths.x, max(lengths.y, lengths.z));
  float half_width = 0.42 * spread;
  float line = 1.0 - smoothstep(half_width - 0.35, half_width + 0.45, nearest);
  float inner = 1.0 - min(1.0, half_width * 3.0 / max(height, 1e-3));  // the inscribed circle's share
  float room = smoothstep(1.5 * spread, 8.0 * spread, height);
  return mix(1.0 - inner * inner, line, room) * mix(0.20, 0.72, room);
}
#endif

#if SECTION
uniform sampler2D occupancy;
uniform vec3 section_origin, section_normal;  // of its plane, in view space
uniform vec3 section_across, section_along;   // dual to its sides: position to 0..1

// Where the view through a pixel meets the section, from 0 to 1 across and along, and at what depth.
vec3 section_place(vec2 pixel) {
  vec3 direction = seen_position(pixel, 1.0);
  float depth = dot(section_origin, section_normal) / dot(direction, section_normal);
  vec3 q = direction * depth - section_origin;
  return vec3(dot(q, section_across), dot(q, section_along), depth);
}

// The section at this pixel, if it is nearer than what is there.
vec4 section_shade(vec3 behind, float depth, vec2 pixel) {
  vec3 place = section_place(pixel);
  vec2 at = place.xy;
  // Slopes are taken from the values themselves: derivatives would break at the border.
  vec2 right = section_place(pixel + vec2(1.0, 0.0)).xy;
  vec2 above = section_place(pixel + vec2(0.0, 1.0)).xy;
  float p = textureLod(occupancy, at, 0.0).r;
  vec2 slope = vec2(textureLod(occupancy, right, 0.0).r, textureLod(occupancy, above, 0.0).r) - p;
  float line = 1.0 - smoothstep(0.45 * spread, 0.45 * spread + 0.9,
                                abs(p - 0.5) / max(length(slope), 1e-5));
  vec2 pixels = min(at, 1.0 - at) / vec2(length(vec2(right.x, above.x) - at.x) + 1e-6,
                                         length(vec2(right.y, above.y) - at.y) + 1e-6);
  float frame = 1.0 - smoothstep(0.6 * spread, 0.6 * spread + 0.8, min(pixels.x, pixels.y));
  // Outside is glass, so that what lies behind stays readable.
  float body = mix(0.34, 0.96, smoothstep(0.02, 0.5, p));
  vec3 shown = mix(behind, mapped_colour(p, 2), body);
  shown = mix(shown, vec3(0.07, 0.08, 0.10), line * 0.85);
  shown = mix(shown, mapped_colour(0.1, 2), frame * 0.8);
  bool inside = all(greaterThanEqual(at, vec2(0.0))) && all(lessThanEqual(at, vec2(1.0)));
  bool nearer = place.z > 0.0 && (depth == 0.0 || place.z < depth);
  return vec4(shown, inside && nearer ? 1.0 : 0.0);
}
#endif

void main() {
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = texelFetch(surface, pixel, 0);
  float depth = abs(here.w);
  vec3 result = surface_shade(here, pixel, seen_position(gl_FragCoord.xy, depth));
#if WIRE
  float line = wire_cover(texelFetch(triangles, pixel, 0).r, gl_FragCoord.xy);
#if MODE == ERROR
  // Scales run from dark to light: the lines turn round on the way.
  float light = dot(result, vec3(0.3, 0.6, 0.1));
  result = mix(result, light > 0.32 ? wire_colour : vec3(0.86, 0.89, 0.94), line * 0.5);
#else
  result = mix(result, wire_colour, line);
#endif
#endif
#if SECTION
  if (depth == 0.0) result = ground_colour();
  vec4 plane = section_shade(result, depth, gl_FragCoord.xy);
  result = mix(result, plane.rgb, plane.a);
#endif
  colour = vec4(dithered(result, pixel, dither), 1.0);
}
