// Element types. Values are f32, i32, u32 or bool (0/1 in a u32); "u8" is storage only: four bytes to a word, decoded as it is read.

/** Element types of tensors. Bytes are a storage, not a type. */
export type DType = "f32" | "i32" | "u32" | "bool";
/** How elements lie in memory. */
export type Storage = DType | "u8";

/** What reading a tensor gives: the array of its element type. */
export type TypedArray = Float32Array | Int32Array | Uint32Array | Uint8Array;
/** What users may pass where numbers are expected. */
export type ArrayLike1D = ArrayLike<number> | ArrayLike<boolean>;

export const WGSL_TYPE: Readonly<Record<DType, string>> = { f32: "f32", i32: "i32", u32: "u32", bool: "bool" };
/** The WGSL type of a stored element: bool is not host-shareable. */
export const STORED_TYPE: Readonly<Record<Storage, string>> = {
  f32: "f32",
  i32: "i32",
  u32: "u32",
  bool: "u32",
  u8: "u32",
};

/** Bytes that `count` elements take on a device, in whole words. */
export function storedBytes(storage: Storage, count: number): number {
  return storage === "u8" ? Math.ceil(count / 4) * 4 : count * 4;
}

/** The array of the elements that a device buffer holds. */
export const ARRAY = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint32Array } as const;
