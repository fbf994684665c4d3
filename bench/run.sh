#!/usr/bin/env bash
# Times `fidediff deblur` on the demonstration photograph and on a 1280x720 one made from it; the middle of ROUNDS (default 5) runs.
# run.sh EXECUTABLE
set -euo pipefail

executable=$1
rounds=${ROUNDS:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

/usr/bin/python3 - "$work/720p.png" <<'PY'
import sys
from PIL import Image
Image.open("deploy/demo/blurred.jpg").resize((1280, 1280), Image.BICUBIC).crop((0, 280, 1280, 1000)).save(sys.argv[1])
PY

for picture in deploy/demo/blurred.jpg "$work/720p.png"; do
  for _ in $(seq "$rounds"); do
    "$executable" deblur "$picture" -o "$work/out.png" --json | /usr/bin/python3 -c 'import json,sys; print(json.loads(sys.stdin.readline())["seconds"])'
  done | sort -n | awk -v p="$(basename "$picture")" '{a[NR] = $1} END {print p, "median", a[int((NR + 1) / 2)], "s, from", a[1], "to", a[NR]}'
done
