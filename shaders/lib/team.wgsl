// Teams: LANES threads of a workgroup share one result, COLUMNS results a workgroup. What folds the lanes' values is written by src/ops/team.ts.
// Consts: THREADS (of the workgroup), LANES, COLUMNS, LANE_STEP and COLUMN_STEP (threads from one to the next: 1 and LANES, or COLUMNS and 1).

// Which of its team's lanes a thread is, once it has asked for its team.
var<private> member: u32;

// The result that a thread shares; past the last one for some threads of the last workgroup.
fn team_of(workgroup: u32, thread: u32) -> u32 {
  member = thread / LANE_STEP % LANES;
  return workgroup * COLUMNS + thread / COLUMN_STEP % COLUMNS;
}

// True of a thread that has nothing to do and that no other waits for: in a team all wait.
fn may_leave(is_idle: bool) -> bool { return false; }
