// What lies behind a mesh. Comes after surface.glsl.
uniform vec3 background_top, background_bottom;  // as displayed
uniform float dither;

vec3 ground_colour() {
  return mix(background_bottom, background_top, gl_FragCoord.y / size.y);
}
