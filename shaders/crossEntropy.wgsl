// Softmax cross-entropy, a team for each row: loss = sum of q (ln total - (x - largest)), dlogits = softmax(x) sum(q) - q, correct.
// q, the share of each class, is weights (1 - SMOOTHING) [class is the label] + weights SMOOTHING / classes, or the same of a row of probabilities.
// Reads logits (once where KEPT, else three times), labels and weights; writes loss, dlogits, correct. Row-major: class c of row r is r * classes + c.
// Filled in: what a team is (see lib/team), and `logits_of`, which gives WIDTH logits, and `number_of` them. Consts: WIDTH (it divides classes), KEPT (how many logits a thread keeps; 0: none), PROBABILITIES (labels are rows of probabilities), SMOOTHING (f32), BLOCK (classes added up apart), IGNORES, IGNORED (label of rows that count nothing).
// Sizes: rows, classes. A label out of range makes the loss NaN.

// The share of class c, at element i of the logits.
fn share_of(c: u32, i: u32, label: u32) -> f32 {
  var share = f32(c == label);
  if (PROBABILITIES) { share = f32(load_labels(i)); }
  return load_weights(c) * ((1.0f - SMOOTHING) * share + SMOOTHING / f32(sizes.classes));
}

var<private> kept: array<f32, max(1u, KEPT)>;

// A class and its logit or its probability.
struct Place { value: f32, at: u32 }

// The results of a row that counts nothing.
fn store_nothing(row: u32, first: u32) {
  for (var c = member; c < sizes.classes; c += LANES) { store_dlogits(first + c, 0.0f); }
  if (member == 0u) {
    store_loss(row, 0.0f);
    store_correct(row, 0.0f);
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let team = team_of(workgroup_index(group, groups), thread);
  if (may_leave(team >= sizes.rows)) { return; }
  let row = min(team, sizes.rows - 1u);
  let first = row * sizes.classes;

  // 1. The label, and rows that have none.
  var label = 0u;
  if (!PROBABILITIES) { label = u32(load_labels(row)); }
  let counts_nothing = IGNORES && label == IGNORED;
  if (may_leave(counts_nothing)) {
    store_nothing(row, first);
    return;
  }

  // 2. The largest logit and its class; the most probable class.
  keep_logits(row);
  var guess = Place(number_of(logits_of(first, 0u), 0u), 0u);
  for (var c = WIDTH * member; c < sizes.classes; c += WIDTH * LANES) {
    let x = logits_of(first, c);
    for (var j = 0u; j < WIDTH; j++) {
      if (number_of(x, j) > guess.value) { guess = Place(number_of(x, j), c + j); }
    }
  }
  guess = largest_of_team(guess, thread);
  let largest = guess.value;
  if (PROBABILITIES) {
    var most = Place(f32(load_labels(first)), 0u);
    for (var c = member; c < sizes.classes; c += LANES) {
      let p = f32(load_labels(first + c));
      if (p > most.value) { most = Place(p, c); }
    }
    label = largest_of_team(most, thread).at;
  }

  // 3. Sums over the classes; a class without a share adds nothing, even where its logit is minus infinity.
  var sums = vec3f(0.0f); // of exponentials, of shares, and of shares times logits
  for (var block = 0u; block < sizes.classes; block += BLOCK * LANES) {
    var parts = vec3f(0.0f); // many classes lose no digits: few additions meet a large sum
    for (var c = block + WIDTH * member; c < min(sizes.classes, block + BLOCK * LANES); c += WIDTH * LANES) {
      let logits = logits_of(first, c);
      for (var j = 0u; j < WIDTH; j++) {
        let x = number_of(logits, j) - largest;
        let share = share_of(c + j, first + c + j, label);
        parts += vec3f(float_exp(x), share, select(share * x, 0.0f, share == 0.0f));
      }
    }
    sums += parts;
  }
  sums = sum_of_team(sums, thread);
  if (LANES > 1u && team >= sizes.rows) { return; }
  if (LANES > 1u && counts_nothing) {
    store_nothing(row, first);
    return;
  }
  if (member == 0u) {
    let loss = sums.y * float_log(sums.x) - sums.z;
    store_loss(row, select(loss, bitcast<f32>(sizes.nan_bits), label >= sizes.classes));
    store_correct(row, f32(guess.at == label));
  }

  // 4. The gradient.
  let scale = sums.y / sums.x;
  for (var c = WIDTH * member; c < sizes.classes; c += WIDTH * LANES) {
    let logits = logits_of(first, c);
    for (var j = 0u; j < WIDTH; j++) {
      store_dlogits(first + c + j, float_exp(number_of(logits, j) - largest) * scale - share_of(c + j, first + c + j, label));
    }
  }
}
