import { create, globals } from "webgpu";
Object.assign(globalThis, globals);
const gpu = create([process.env.FLAGS ?? "enable-dawn-features=dump_shaders"]);
const adapter = await gpu.requestAdapter(); const dev = await adapter.requestDevice();
const bodies = {
 builtin: `let m = thread % 16u; var s = vec4f(); for (var k = 0u; k < 16u; k++) { s += tile[k * 32u + m]; } out[thread] = s;`,
 builtinAnd: `let m = thread & 15u; var s = vec4f(); for (var k = 0u; k < 16u; k++) { s += tile[k * 32u + m]; } out[thread] = s;`,
 direct: `let m = thread; var s = vec4f(); for (var k = 0u; k < 2u; k++) { s += tile[k * 256u + m]; } out[thread] = s;`,
 constK: `let m = thread & 15u; var s = vec4f(); s += tile[32u + m]; s += tile[64u + m + 16u]; out[thread] = s;`,
 constKmod: `let m = thread % 16u + 16u * (thread / 64u); var s = vec4f(); s += tile[32u + m]; s += tile[64u + m + 16u]; out[thread] = s;`,
 loopOnly: `var s = vec4f(); for (var k = 0u; k < 16u; k++) { s += tile[k]; } out[thread] = s;`,
 loopMul: `var s = vec4f(); for (var k = 0u; k < 16u; k++) { s += tile[k*32u]; } out[thread] = s;`,
 loopStep: `var s = vec4f(); for (var k = 0u; k < 512u; k+=32u) { s += tile[k]; } out[thread] = s;`,
 param: `out[thread] = f(thread);`,
};
for (const [name, body] of Object.entries(bodies)) {
  const code = `var<workgroup> tile: array<vec4f, 512>;
@group(0) @binding(0) var<storage, read_write> out: array<vec4f, 256>;
fn f(p: u32) -> vec4f { let m = p & 15u; return tile[m + 480u]; }
@compute @workgroup_size(256) fn main(@builtin(local_invocation_index) thread: u32) { tile[thread & 255u] = vec4f(f32(thread)); workgroupBarrier(); ${body} }`;
  console.log("=== " + name);
  const module = dev.createShaderModule({ code });
  await dev.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
}
process.exit(0);
