// Which kernels for matrix products an adapter gets. Only those are loaded.
import type { Products, Profile } from "../graph/form.ts";

export async function productsFor({ family }: Profile): Promise<Products> {
  if (family === "gpu") {
    const kernels = await import("../ops/matmulTiled.ts");
    return kernels.tiledProducts;
  }
  const kernels = await import("../ops/matmulOuter.ts");
  return kernels.outerProducts;
}
