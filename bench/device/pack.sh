#!/usr/bin/env bash
# Fills .device/ with all that a machine with an NVIDIA GPU needs to run bench/device/run.sh, where there is no Node and no network:
# Node, Dawn, the built commands, and the Vulkan loader as Debian packages. Linux x86-64 only. Needs `npm install` to have been run.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "pack: this is $(uname -sm), not Linux x86_64" >&2; exit 1; }
npx vite build --app --logLevel warn
mkdir -p .device
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/dist" "$stage/node_modules/webgpu/dist"
cp -r dist/cli "$stage/dist/"
cp package.json "$stage/"
cp node_modules/webgpu/{package.json,index.js,LICENSE.md} "$stage/node_modules/webgpu/"
cp -rL node_modules/webgpu/dist/linux-x64 "$stage/node_modules/webgpu/dist/"
tar -C "$stage" -cJf .device/gpugrad.tar.xz .
[ -f .device/node.xz ] || xz -T0 -6 <"$(node -p process.execPath)" >.device/node.xz
cp bench/device/{run.sh,torch_bench.py,summary.py} .device/
# The loader and what NVIDIA's driver asks for. Taken for amd64 whatever this machine is.
if [ ! -d .device/deb ]; then
  apt=(-oAPT::Architecture=amd64 -oAPT::Architectures=amd64 -oDir::State::Lists="$stage/lists")
  mkdir -p "$stage/lists/partial" .device/deb
  apt-get "${apt[@]}" update -qq
  (cd .device/deb && apt-get "${apt[@]}" download -q libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2)
fi
du -sh .device
