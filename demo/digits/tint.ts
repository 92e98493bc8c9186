// How strongly cells of the matrix are coloured: so that one sees where most are, and can read every number in both schemes (4.5 : 1).

/** The fullest cell's share of its colour, %. */
const MOST = { right: 35, wrong: 50 } as const;

/** The tint of a cell, %, by how full it is: 0 … 1. */
export const tintOf = (isRight: boolean, share: number): number =>
  Math.round(share * (isRight ? MOST.right : MOST.wrong));
