// Which kernels for matrix products an adapter gets. Only those are loaded.
import type { Products, Profile } from "../graph/form.ts";

/** Subgroups wider than this hold more columns than small networks have. */
const WIDEST = 16;

export async function productsFor({ family, subgroup = 1 }: Profile): Promise<Products | undefined> {
  if (family === "gpu") {
    const kernels = await import("../ops/matmulTiled.ts");
    return kernels.tiledProducts;
  }
  if (subgroup === 1 || subgroup > WIDEST) return undefined;
  const kernels = await import("../ops/matmulSubgroup.ts");
  return kernels.subgroupProducts;
}
