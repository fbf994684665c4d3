#!/usr/bin/env bash
# A quarter of an hour of one large GPU on a machine that can fetch nothing and keeps nothing: what it needs travels in .pack.
#
#   training/gpu.sh pack [LIMIT]     here, before: data shrunk to LIMIT bytes (default: what 64 MiB leave beside the repository) and the Python packages that such a machine lacks
#   training/gpu.sh start SECONDS [CALL]    there: begins the run in a session of its own, which outlives the call, then fetches like the next, CALL seconds (default 540)
#   training/gpu.sh fetch SECONDS    there, again and again: waits so long, or until the run has ended, and copies the last checkpoint to $OUT
#   training/gpu.sh rehearse         here, on the CPU: all three with the tiny configuration, and the weights that came back are loaded
#
# $OUT is the folder that comes back: weights/ (a model folder in f16, a new one each minute), log.jsonl and run.out. RUN says where the run lives (default: a folder under the
# temporary ones), DEVICE cuda or cpu, OPTIONS more options of training.runs.gpu.
set -euo pipefail
cd "$(dirname "$0")/.."
RUN=${RUN:-${TMPDIR:-/tmp}/fidediff-gpu}
DEVICE=${DEVICE:-cuda}
PYTHON=${PYTHON:-$([ -x .venv/bin/python ] && echo .venv/bin/python || echo python3)}
PACK=${PACK:-.pack}

pack() {
  local tree limit
  tree=$(git ls-files -z | xargs -0 du -cb | tail -1 | cut -f1)
  rm -rf "$PACK"
  mkdir -p "$PACK/wheels"
  "$PYTHON" -m pip download -q --disable-pip-version-check --no-deps -d "$PACK/wheels" "$(grep '^diffusers==' training/requirements.txt)"
  limit=${1:-$((64 * 1024 * 1024 - tree - $(du -cb "$PACK"/wheels/* | tail -1 | cut -f1) - 1000000))}
  "$PYTHON" -m training.data.pack --data "${DATA:-../shared/data}" --out "$PACK" --limit "$limit"
}

copy() {
  mkdir -p "$OUT"
  [ ! -d "$RUN/run/weights" ] || { rm -rf "$OUT/weights"; cp -r "$RUN/run/weights" "$OUT/weights"; }
  cp "$RUN/run.out" "$RUN/run/log.jsonl" "$OUT/" 2>/dev/null || true
}

ended() { ! kill -0 "$(cat "$RUN/pid")" 2>/dev/null; }

fetch() {
  local until=$(($(date +%s) + $1))
  until ended || [ "$(date +%s)" -ge "$until" ]; do sleep 1; done
  copy
  tail -n 3 "$RUN/run.out"
  if ended; then echo "the run has ended with code $(cat "$RUN/code")"; else echo "the run goes on"; fi
}

start() {
  rm -rf "$RUN"
  mkdir -p "$RUN"
  if [ "$DEVICE" = cuda ]; then
    "$PYTHON" -m pip install -q --disable-pip-version-check --no-deps --no-index --target "$RUN/packages" "$PACK"/wheels/*
  fi
  # shellcheck disable=SC2016,SC2086
  PYTHONPATH="$RUN/packages" setsid nohup bash -c 'run=$1; shift; "$@" > "$run/run.out" 2>&1; echo $? > "$run/code"' - "$RUN" \
    "$PYTHON" -u -m training.runs.gpu --data "$PACK" --out "$RUN/run" --seconds "$1" --device "$DEVICE" ${OPTIONS:-} > /dev/null 2>&1 &
  echo $! > "$RUN/pid"
}

rehearse() {
  work=$(mktemp -d) # not local: the trap runs after this function
  trap 'rm -rf "$work"' EXIT
  export RUN=$work/run OUT=$work/out PACK=$work/pack DEVICE=cpu
  export OPTIONS="--config training/config/tiny-pixel.json --init= --batches 1 2 --rates 4e-4 8e-4 --probe-steps 2 --patch 64 --context 32 --export-every 1"
  pack 2500000
  start "${1:-40}"
  fetch 2
  fetch 600
  [ "$(cat "$RUN/code")" = 0 ] || { cat "$RUN/run.out"; exit 1; }
  "$PYTHON" -c "
import json, sys
from training.network.model import FideDiff, load_config
FideDiff(load_config(sys.argv[1])).load(sys.argv[1])
steps = [json.loads(line)['step'] for line in open(sys.argv[2])]
print('rehearsed: the weights load,', steps[-1] if steps else 'fewer than 20', 'steps are in the log')" "$OUT/weights" "$OUT/log.jsonl"
}

case "${1:-}" in
  pack) pack "${@:2}" ;;
  start) start "$2"; fetch "${3:-540}" ;;
  fetch) fetch "$2" ;;
  rehearse) rehearse "${@:2}" ;;
  *) sed -n '2,/^set/p' "$0" | grep '^#' | cut -c3-; exit 2 ;;
esac
