// Functions that shaders share, as text: a kernel that uses one has it appended. A module for each would be too many.
export { default as boundsLibrary } from "../../shaders/lib/bounds.wgsl?raw";
export { default as floatLibrary } from "../../shaders/lib/float.wgsl?raw";
export { default as saturatingLibrary } from "../../shaders/lib/saturating.wgsl?raw";
export { default as specialLibrary } from "../../shaders/lib/special.wgsl?raw";
export { default as threefryLibrary } from "../../shaders/lib/threefry.wgsl?raw";
