/** An IDX file made by hand: type code, sizes, payload bytes as they lie in the file. */
export function idxFile(type: number, shape: readonly number[], payload: ArrayLike<number>): Uint8Array {
  const file = new Uint8Array(4 + 4 * shape.length + payload.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, (type << 8) | shape.length);
  shape.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  file.set(Array.from(payload), 4 + 4 * shape.length);
  return file;
}
