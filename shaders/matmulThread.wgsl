// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n] and sums[n] = Σₖ b[k, n], a thread for each result: for products too small for tiles.
// Reads a, b, bias. Writes y, sums. Consts: BIAS, SUMS. Sizes: M, K, N, a_m, a_k, b_k, b_n (steps between elements), results.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let i = workgroup_index(group, groups) * 64u + thread;
  let batch = i / (sizes.M * sizes.N);
  let n = i % sizes.N;
  var a_at = batch * sizes.M * sizes.K + i / sizes.N % sizes.M * sizes.a_m;
  var b_at = batch * sizes.K * sizes.N + n * sizes.b_n;
  if (i >= sizes.results) { return; }
  var total = 0.0f;
  var sum = 0.0f;
  if (BIAS) { total = load_bias(n); }
  for (var k = 0u; k < sizes.K; k++) {
    let b = load_b(b_at);
    total += load_a(a_at) * b;
    sum += b;
    a_at += sizes.a_k;
    b_at += sizes.b_k;
  }
  store_y(i, total);
  if (SUMS && i < sizes.N) { store_sums(n, sum); }
}
