// NumPy's legacy random stream (RandomState: MT19937 and the polar method), seeded as gen_torch.py seeds it: by the CRC-32 of a tag.
// Needed for one kind of case whose recorded inputs were overwritten while they were made; see `givenGradients`.

const WORDS = 624;
const SHIFT = 397;

/** Successive numbers of RandomState(seed).randn(). */
export function standardNormals(seed: number): () => number {
  const uniform = uniforms(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(square)) / square);
      spare = factor * x;
      return factor * y;
    }
  };
}

/** 53-bit uniforms of MT19937 (Matsumoto, Nishimura, 1998). */
function uniforms(seed: number): () => number {
  const state = new Uint32Array(WORDS);
  state[0] = seed;
  for (let i = 1; i < WORDS; i++) {
    const before = state[i - 1] as number;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let at = WORDS;
  const word = (): number => {
    if (at === WORDS) {
      for (let i = 0; i < WORDS; i++) {
        const y = ((state[i] as number) & 0x80000000) | ((state[(i + 1) % WORDS] as number) & 0x7fffffff);
        state[i] = (state[(i + SHIFT) % WORDS] as number) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++] as number;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
  return () => {
    const high = word() >>> 5;
    return (high * 67108864 + (word() >>> 6)) / 9007199254740992;
  };
}

/** CRC-32 of a text, as zlib. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** The stream that gen_torch.py draws a case from: `id` tells which GEN_SEED it ran with. */
export function streamOf(tag: string, id: string): () => number {
  const seed = /^torch-s(\d+)\//.exec(id)?.[1];
  return standardNormals(crc32(seed ? `${tag}|seed${seed}` : tag) & 0x7fffffff);
}
