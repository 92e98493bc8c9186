// y(k) = a(k) y(k - 1) + b(k) along an axis, y(-1) = 0: sums so far with a = 1, products so far with b = 1, 0, 0 …
// One thread per line, k ascending, or descending when REVERSE.
// Reads a, b; writes y. Constants: REVERSE. Filled in: Element.
// Sizes: lines, length (of a line), stride (between its elements).

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let line = workgroup_index(group, groups) * 64u + lane;
  if (line >= sizes.lines) { return; }
  let first = (line / sizes.stride) * sizes.stride * sizes.length + line % sizes.stride;
  var y = Element(0);
  for (var k = 0u; k < sizes.length; k++) {
    let i = first + select(k, sizes.length - 1u - k, REVERSE) * sizes.stride;
    let b = load_b(i);
    if (k == 0u) { y = b; } else { y = load_a(i) * y + b; }
    store_y(i, y);
  }
}
