// What the gallery and the head of a page need to know of a demo. Its `meta.ts` exports one as `meta` and imports types only.

export interface Meta {
  /** One or two words. */
  readonly title: string;
  /** One sentence: what one does there. */
  readonly summary: string;
  /** Where the demo stands in the gallery; the least first. */
  readonly order: number;
}
