// The pictures' own render shaders: they read the results of compiled functions from the very buffers these were written to.

/** Colours and sizes that all of them share; `look` in memory as `lookData` of paintGpu.ts lays it out. */
const LOOK = /* wgsl */ `
struct Look {
  surface: vec4f, ink: vec4f, line: vec4f, below: vec4f, above: vec4f,
  classes: array<vec4f, 6>,
  side: u32,        // places of the map in a row
  channels: u32,    // numbers at each place
  kind: u32,        // 0 values, 1 probability of the second of two classes, 2 probabilities of all
  density: f32,     // device pixels in a CSS pixel
  middle: f32,      // the value of a unit that has no colour
}
@group(0) @binding(0) var<uniform> look: Look;

fn unpremultiplied(color: vec3f, alpha: f32) -> vec4f { return vec4f(color * alpha, alpha); }
fn signed_color(v: f32) -> vec3f {
  let strength = min(1.0, abs(v));
  return mix(look.surface.rgb, select(look.above.rgb, look.below.rgb, v < 0.0), 0.9 * strength);
}
`;

/** Bilinear reading of one channel of a map, y upwards. */
const FIELD = /* wgsl */ `
@group(0) @binding(1) var<storage, read> values: array<f32>;
struct Place { @builtin(position) position: vec4f, @location(0) at: vec2f, @location(1) @interpolate(flat) unit: u32 }
fn value_at(at: vec2f, channels: u32, channel: u32) -> f32 {
  let last = look.side - 1u;
  let p = clamp(at, vec2f(0.0), vec2f(1.0)) * f32(last);
  let low = min(vec2u(p), vec2u(last - 1u));
  let part = p - vec2f(low);
  let first = low.y * look.side + low.x;
  let a = mix(values[first * channels + channel], values[(first + 1u) * channels + channel], part.x);
  let next = first + look.side;
  let b = mix(values[next * channels + channel], values[(next + 1u) * channels + channel], part.x);
  return mix(a, b, part.y);
}
`;

/** The plane, coloured by what the network makes of each place; borders and lines of equal height are one pixel and a half wide. */
export const mapShader = /* wgsl */ `${LOOK}${FIELD}
override KIND: u32; // 0 values, 1 probability of the second of two classes, 2 probabilities of all
@vertex fn corner(@builtin(vertex_index) i: u32) -> Place {
  let at = vec2f(f32((i << 1u) & 2u), f32(i & 2u));
  return Place(vec4f(at * 2.0 - 1.0, 0.0, 1.0), at, 0u);
}
fn pair_at(at: vec2f, a: u32, b: u32) -> f32 {
  return value_at(at, look.channels, a) - value_at(at, look.channels, b);
}
// 1 on the line where q is 0
fn line_at(q: f32, width: f32) -> f32 {
  return 1.0 - smoothstep(0.5 * width, 0.5 * width + 1.0, abs(q) / max(fwidth(q), 1e-6));
}
@fragment fn pixel(place: Place) -> @location(0) vec4f {
  let width = 1.5 * look.density;
  let pixel = fwidth(place.at.x);
  if (KIND == 0u) {
    let v = value_at(place.at, 1u, 0u);
    let q = v * 4.0;
    let nearest = q - round(q);
    let contour = 0.28 * (1.0 - smoothstep(0.3 * look.density, 0.3 * look.density + 1.0, abs(nearest) / max(fwidth(q), 1e-6)));
    let zero = 0.75 * line_at(v, width);
    return vec4f(mix(signed_color(v), look.ink.rgb, max(contour, zero)), 1.0);
  }
  var best = 0u;
  var lead = 0.0;
  var border = 0.0;
  if (KIND == 1u) {
    let q = 2.0 * value_at(place.at, 1u, 0u) - 1.0;
    best = select(0u, 1u, q > 0.0);
    lead = abs(q);
    border = line_at(q, width);
  } else {
    var next = 0u;
    var first = -1.0;
    var second = -1.0;
    for (var c = 0u; c < look.channels; c++) {
      let p = value_at(place.at, look.channels, c);
      if (p > first) { second = first; next = best; first = p; best = c; } else if (p > second) { second = p; next = c; }
    }
    lead = first - second;
    // how fast these two part, a pixel on: fwidth would jump where another class is second
    let right = pair_at(place.at + vec2f(pixel, 0.0), best, next);
    let up = pair_at(place.at + vec2f(0.0, pixel), best, next);
    let slope = abs(right - lead) + abs(up - lead);
    border = 1.0 - smoothstep(0.5 * width, 0.5 * width + 1.0, lead / max(slope, 1e-6));
  }
  let color = mix(look.surface.rgb, look.classes[best].rgb, 0.1 + 0.5 * smoothstep(0.0, 1.0, lead));
  return vec4f(mix(color, look.ink.rgb, 0.8 * border), 1.0);
}
`;

/** Each unit's map in its tile. */
export const unitShader = /* wgsl */ `${LOOK}${FIELD}
struct Tile { low: vec2f, high: vec2f, unit: u32, units: u32 }
@group(0) @binding(2) var<storage, read> reach: array<f32>;
@group(0) @binding(3) var<storage, read> tiles: array<Tile>;
@vertex fn corner(@builtin(vertex_index) i: u32, @builtin(instance_index) at: u32) -> Place {
  let tile = tiles[at];
  let part = vec2f(f32(i & 1u), f32(i >> 1u));
  return Place(vec4f(mix(tile.low, tile.high, part), 0.0, 1.0), part, at);
}
@fragment fn pixel(place: Place) -> @location(0) vec4f {
  let tile = tiles[place.unit];
  let v = value_at(place.at, tile.units, tile.unit) - look.middle;
  let most = reach[tile.unit];
  let edge = fract((place.position.x + place.position.y) / (6.0 * look.density));
  let dead = mix(look.surface.rgb, look.line.rgb, select(0.35, 1.0, edge < 0.3)); // hatched: gives the same everywhere
  return vec4f(select(dead, signed_color(v / max(most, 1e-9)), most > 1e-6), 1.0);
}
`;

/** Points as two columns of a table, in a panel; lines of the map's places beneath them, and a curve. */
export const spaceShader = /* wgsl */ `${LOOK}
struct Panel {
  low: vec2f, high: vec2f,      // the panel in clip space
  pixel: vec2f,                 // a device pixel in clip space
  least: vec2f, most: vec2f,    // fixed range, where isFixed
  columns: u32, i: u32, j: u32, isFixed: u32,
  curve: u32,                   // 0 none, 1 logistic, 2 diagonal
  every: u32,                   // every so many-th row and column of the map is a line
  lines: u32,                   // lines each way
}
@group(0) @binding(1) var<storage, read> values: array<f32>;
@group(0) @binding(2) var<storage, read> ranges: array<f32>; // [2, columns]
@group(0) @binding(3) var<storage, read> labels: array<f32>;
@group(0) @binding(4) var<uniform> panel: Panel;

fn bounds(column: u32, axis: u32) -> vec2f {
  if (panel.isFixed != 0u) { return vec2f(panel.least[axis], panel.most[axis]); }
  let low = ranges[column];
  let high = ranges[panel.columns + column];
  let rim = max(0.06 * (high - low), 1e-3);
  return vec2f(low - rim, high + rim);
}
fn placed(value: vec2f) -> vec2f {
  let x = bounds(panel.i, 0u);
  let y = bounds(panel.j, 1u);
  let part = (value - vec2f(x.x, y.x)) / vec2f(x.y - x.x, y.y - y.x);
  return mix(panel.low, panel.high, clamp(part, vec2f(-4.0), vec2f(5.0)));
}
fn row(at: u32) -> vec2f {
  return vec2f(values[at * panel.columns + panel.i], values[at * panel.columns + panel.j]);
}

struct Dot { @builtin(position) position: vec4f, @location(0) at: vec2f, @location(1) label: f32 }
@vertex fn dot_corner(@builtin(vertex_index) i: u32, @builtin(instance_index) at: u32) -> Dot {
  let part = vec2f(f32(i & 1u), f32(i >> 1u)) * 2.0 - 1.0;
  let radius = 4.5 * look.density;
  return Dot(vec4f(placed(row(at)) + part * radius * panel.pixel, 0.0, 1.0), part * radius, labels[at]);
}
// distance from the edge of the mark of class c, in pixels: disc, square, triangle, diamond, disc …
fn mark(p: vec2f, c: u32, r: f32) -> f32 {
  switch (c % 4u) {
    case 1u: { return max(abs(p.x), abs(p.y)) - 0.82 * r; }
    case 2u: { return max(abs(p.x) * 0.87 + p.y * 0.5, -p.y) - 0.55 * r; }
    case 3u: { return (abs(p.x) + abs(p.y)) * 0.707 - 0.78 * r; }
    default: { return length(p) - r; }
  }
}
@fragment fn dot_pixel(dot: Dot) -> @location(0) vec4f {
  let isClass = look.kind != 0u;
  let c = select(0u, u32(dot.label), isClass);
  let d = mark(dot.at, c, 3.6 * look.density);
  let color = select(signed_color(dot.label * 1.1), look.classes[c].rgb, isClass);
  let rim = smoothstep(-1.3 * look.density, -0.6 * look.density, d);
  return unpremultiplied(mix(color, select(look.ink.rgb, look.surface.rgb, isClass), rim), 1.0 - smoothstep(-0.5, 0.5, d));
}

@vertex fn line_end(@builtin(vertex_index) v: u32, @builtin(instance_index) k: u32) -> @builtin(position) vec4f {
  let at = select((k - panel.lines) * panel.every + v * look.side, k * panel.every * look.side + v, k < panel.lines);
  return vec4f(placed(row(at)), 0.0, 1.0);
}
@fragment fn line_pixel() -> @location(0) vec4f { return unpremultiplied(look.line.rgb, 1.0); }

@vertex fn curve_end(@builtin(vertex_index) v: u32) -> @builtin(position) vec4f {
  let x = bounds(panel.i, 0u);
  let at = mix(x.x, x.y, f32(v) / 63.0);
  let y = select(at, 1.0 / (1.0 + exp(-at)), panel.curve == 1u);
  return vec4f(placed(vec2f(at, y)), 0.0, 1.0);
}
@fragment fn curve_pixel() -> @location(0) vec4f { return unpremultiplied(look.ink.rgb, 0.55); }
`;
