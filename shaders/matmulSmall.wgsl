// y[b, m, n] = bias[n] + Σₖ a[b, m, k] · b[b, k, n] and sums[n] = Σₖ b[k, n], for products so small that one workgroup does them among
// others. One thread a row or a column: what it reads of the other operand, all threads read at once.
// Reads a, b, bias. Writes y, sums. Consts: M, K, N, A_M, A_K, B_K, B_N (steps between elements), BY_ROWS, BIAS, SUMS.
// Sizes: batch, across (columns of a row, or rows of a column), inner (K again): drivers unroll loops only where they are short.

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let line = workgroup_index(group, groups) * 64u + lane;
  if (line < select(N, M, BY_ROWS)) {
    for (var batch = 0u; batch < sizes.batch; batch++) {
      for (var other = 0u; other < sizes.across; other++) {
        let m = select(other, line, BY_ROWS);
        let n = select(line, other, BY_ROWS);
        let a_first = batch * (M * K) + m * A_M;
        let b_first = batch * (K * N) + n * B_N;
        var total = 0.0f;
        if (BIAS) { total = load_bias(n); }
        for (var k = 0u; k < sizes.inner; k++) { total += load_a(a_first + k * A_K) * load_b(b_first + k * B_K); }
        store_y((batch * M + m) * N + n, total);
      }
    }
  }
  if (SUMS && line < N) {
    var total = 0.0f;
    for (var k = 0u; k < sizes.inner; k++) { total += load_b(k * B_K + line * B_N); }
    store_sums(line, total);
  }
}
