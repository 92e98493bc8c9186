// The part of the plane that pictures show.

/** The map reaches a little further than the points: −REACH … REACH both ways. */
export const REACH = 1.1;

/** The places of a map of `side` × `side`, lowest row first. */
export function gridOf(side: number): Float32Array {
  const places = new Float32Array(side * side * 2);
  const at = (i: number) => REACH * ((2 * i) / (side - 1) - 1);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      places.set([at(column), at(row)], 2 * (row * side + column));
    }
  }
  return places;
}
