/** A shader file, imported as its text. */
declare module "*.wgsl?raw" {
  const text: string;
  export default text;
}
