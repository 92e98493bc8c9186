// Softmax cross-entropy, one thread for each row: loss = sum of q (ln total - (x - largest)), dlogits = softmax(x) sum(q) - q, correct.
// q, the share of each class, is weights (1 - SMOOTHING) [class is the label] + weights SMOOTHING / classes, or the same of a row of probabilities.
// Reads logits (three times), labels and weights; writes loss, dlogits, correct. Row-major: class c of row r is r * classes + c.
// Consts: THREADS (of a workgroup), PROBABILITIES (labels are rows of probabilities), SMOOTHING (f32), BLOCK (classes added up apart), IGNORES, IGNORED (label of rows that count nothing).
// Sizes: rows, classes. A label out of range makes the loss NaN.

fn is_ignored(label: u32) -> bool {
  return !PROBABILITIES && IGNORES && label == u32(IGNORED);
}

// The share of class c, at element i of the logits.
fn share_of(c: u32, i: u32, label: u32) -> f32 {
  var target_share = 0.0f;
  if (PROBABILITIES) {
    target_share = f32(load_labels(i));
  } else {
    target_share = select(0.0f, 1.0f, c == label);
  }
  return load_weights(c) * ((1.0f - SMOOTHING) * target_share + SMOOTHING / f32(sizes.classes));
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = workgroup_index(group, groups) * THREADS + lane;
  if (row >= sizes.rows) { return; }
  let first = row * sizes.classes;

  // 1. The label, and rows that have none.
  var label = 0u;
  if (!PROBABILITIES) {
    label = u32(load_labels(row));
    if (is_ignored(label)) {
      for (var c = 0u; c < sizes.classes; c++) { store_dlogits(first + c, 0.0f); }
      store_loss(row, 0.0f);
      store_correct(row, 0.0f);
      return;
    }
  }

  // 2. The largest logit and its class; the most probable class.
  var largest = load_logits(first);
  var guess = 0u;
  var most = 0.0f;
  if (PROBABILITIES) { most = f32(load_labels(first)); }
  for (var c = 1u; c < sizes.classes; c++) {
    let x = load_logits(first + c);
    if (x > largest) {
      largest = x;
      guess = c;
    }
    if (PROBABILITIES) {
      let p = f32(load_labels(first + c));
      if (p > most) {
        most = p;
        label = c;
      }
    }
  }

  // 3. Sums over the classes; a class without a share adds nothing, even where its logit is minus infinity.
  var total = 0.0f;
  var shares = 0.0f;
  var weighted = 0.0f;
  for (var block = 0u; block < sizes.classes; block += BLOCK) {
    var part = vec3f(0.0f); // many classes lose no digits: few additions meet a large sum
    for (var c = block; c < min(sizes.classes, block + BLOCK); c++) {
      let x = load_logits(first + c) - largest;
      let share = share_of(c, first + c, label);
      part += vec3f(float_exp(x), share, select(share * x, 0.0f, share == 0.0f));
    }
    total += part.x;
    shares += part.y;
    weighted += part.z;
  }
  var loss = shares * float_log(total) - weighted;
  if (label >= sizes.classes) { loss = bitcast<f32>(sizes.nan_bits); }
  store_loss(row, loss);
  store_correct(row, select(0.0f, 1.0f, guess == label));

  // 4. The gradient.
  let scale = shares / total;
  for (var c = 0u; c < sizes.classes; c++) {
    store_dlogits(first + c, float_exp(load_logits(first + c) - largest) * scale - share_of(c, first + c, label));
  }
}
