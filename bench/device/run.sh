#!/usr/bin/env bash
# Measures gpugrad, and PyTorch beside it, on the GPU of a machine that has neither Node nor a network: `bash .device/run.sh` after pack.sh.
# Everything goes to $OUT: log.txt, and results.json with the rows of all steps. Each step has its own limit in seconds, all of them together BUDGET.
# DEVICE=lavapipe SMALL=1 rehearses it without a GPU. STEPS names what to do, in order.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${OUT:-out}")
device=${DEVICE:-hardware}
deadline=$((SECONDS + ${BUDGET:-540}))
root=${ROOT:-/tmp/gpugrad}
steps=${STEPS:-who quick tune products bandwidth steps wide torch kernels conv doctor}
json=$root/json
mkdir -p "$out" "$json"
log=$out/log.txt

say() { echo "[$SECONDS s] $*" | tee -a "$log"; }

# step LIMIT COMMAND …: runs it with its limit or what is left of the budget
step() {
  local limit=$1 left=$((deadline - SECONDS))
  shift
  [ "$limit" -le "$left" ] || limit=$left
  [ "$limit" -gt 5 ] || { say "left out: $*"; return; }
  say "$* (at most $limit s)"
  timeout "$limit" "$@" >>"$log" 2>&1
  local status=$?
  [ $status -eq 0 ] || say "ended with status $status"
}

unpack() {
  tar -C "$root" -xJf "$here/gpugrad.tar.xz"
  [ -x "$root/node" ] || { xz -dc "$here/node.xz" >"$root/node" && chmod +x "$root/node"; }
  if ! ldconfig -p | grep -q libvulkan.so.1; then
    for file in "$here"/deb/*.deb; do dpkg -x "$file" /; done
    ldconfig
  fi
  icd=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
  if [ "$device" = hardware ] && [ -f $icd ] && ! ls /usr/share/vulkan/icd.d/nvidia*.json /etc/vulkan/icd.d/nvidia*.json >/dev/null 2>&1; then
    export VK_DRIVER_FILES=$icd
  fi
}

gpugrad() { # LIMIT COMMAND …
  local limit=$1
  shift
  (cd "$root" && step "$limit" ./node dist/cli/main.js "$@" --device "$device")
}

unpack
for name in $steps; do
  case $name in
  who)
    step 20 nvidia-smi
    gpugrad 60 device
    ;;
  quick) gpugrad 90 doctor --quiet --op matmul,linear,sum,softmax,softmaxCrossEntropy,conv2d ;;
  tune) gpugrad 170 bench tune --json "$json/tune.json" ${SMALL:+--filter 127x381} ;;
  products) gpugrad 120 bench large --json "$json/products.json" --filter "matmul${SMALL:+-512}" ;;
  bandwidth) gpugrad 30 bench large --json "$json/bandwidth.json" --filter "${SMALL:+adam-16}M" ;;
  steps) gpugrad 120 bench steps --json "$json/steps.json" --trace "$json/steps-trace.json" --filter "${SMALL:+mlp-}adam" ;;
  wide) gpugrad 60 bench large --json "$json/wide.json" --trace "$json/wide-trace.json" --filter wide ;;
  kernels) gpugrad 60 bench kernels --json "$json/kernels.json" ${SMALL:+--filter softmax} ;;
  conv) gpugrad 60 bench conv --json "$json/conv.json" ${SMALL:+--filter 5x5x1x8} ;;
  torch) step 120 python3 "$here/torch_bench.py" "$json/torch.json" ;;
  doctor) gpugrad 240 doctor --quiet ;;
  esac
done
deadline=$((SECONDS + 20))
step 20 python3 "$here/summary.py" "$json" "$out/results.json"
tail -c 9000 "$log"
