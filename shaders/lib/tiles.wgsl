// Which columns and pixels (or rows) a tile of a convolution has. Sizes: blocks (of columns, per group), groups, tiles.

struct Tile {
  is_past: bool,
  g: u32,
  // of the group's columns
  block: u32,
  place: u32,
}

fn tile_of(tile: u32) -> Tile {
  let blocks = sizes.blocks * sizes.groups;
  return Tile(tile >= sizes.tiles, tile % blocks / sizes.blocks, tile % sizes.blocks, tile / blocks);
}
