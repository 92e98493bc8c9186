// Lets groups that run in one workgroup share turns: a barrier stands only between those that touch the same elements.

/** A run of elements that a group reads or writes. */
export interface Touch {
  readonly memory: number;
  readonly start: number;
  readonly end: number;
  readonly isWrite: boolean;
  /** It only raises a flag: the order of those who do does not matter. */
  readonly isFlag: boolean;
}

/** What one group does in a step. */
export interface Part {
  readonly call: string;
  readonly touches: readonly Touch[];
}

/** The memories through which the earlier of two groups makes the later one wait. What a group writes in every step, the same threads write. */
function between(earlier: Part, later: Part): number[] {
  const meet = (a: Touch, b: Touch) => a.memory === b.memory && a.start < b.end && b.start < a.end;
  const waits = (a: Touch, b: Touch) =>
    meet(a, b) && (earlier !== later && a.isWrite ? !(a.isFlag && b.isFlag) : a.isWrite !== b.isWrite);
  return later.touches
    .filter((touch) => earlier.touches.some((other) => waits(other, touch)))
    .map(({ memory }) => memory);
}

/** The calls of one step in as few turns as their order allows, with barriers between the turns and behind the last. */
export function inTurns(parts: readonly Part[], isBound: (memory: number) => boolean): string[] {
  const turns: Part[][] = [];
  const turnOf = new Map<Part, number>();
  for (const part of parts) {
    const before = [...turnOf].filter(([other]) => between(other, part).length > 0);
    const turn = Math.max(0, ...before.map(([, at]) => at + 1));
    turnOf.set(part, turn);
    turns[turn] = [...(turns[turn] ?? []), part];
  }
  const order = [...turns, ...turns]; // the next step follows
  const barriers = turns.map(() => new Set<string>());
  const settled = { workgroupBarrier: -1, storageBarrier: -1 };
  order.forEach((turn, at) => {
    for (const [kind, bound] of [["workgroupBarrier", false] as const, ["storageBarrier", true] as const]) {
      const first = Math.max(0, settled[kind], at - turns.length);
      const earlier = order.slice(first, at).flat();
      const isNeeded = turn.some((part) =>
        earlier.some((other) => between(other, part).some((memory) => isBound(memory) === bound)),
      );
      if (!isNeeded) continue;
      barriers[(at - 1 + turns.length) % turns.length]?.add(kind);
      settled[kind] = at;
    }
  });
  return turns.flatMap((turn, at) => [
    ...turn.map(({ call }) => call),
    ...[...(barriers[at] ?? [])].map((kind) => `${kind}();`),
  ]);
}
