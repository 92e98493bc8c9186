// Sums over the LANES threads that share a result, COLUMNS apart: whole in the first COLUMNS threads of the workgroup. All of its threads must call.
// Consts: THREADS (of the workgroup), LANES.

const COLUMNS = THREADS / LANES;
var<workgroup> lane_totals: array<f32, THREADS>;

fn sum_of_lanes(total: f32, lane: u32) -> f32 {
  workgroupBarrier();
  lane_totals[lane] = total;
  workgroupBarrier();
  var sum = 0.0;
  for (var i = lane % COLUMNS; i < THREADS; i += COLUMNS) { sum += lane_totals[i]; }
  return sum;
}
