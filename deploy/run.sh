#!/usr/bin/env bash
# Serves with the default weights, deblurs the demonstration photograph through the running server, and stays up.
# run.sh EXECUTABLE; PORT and DATA_DIR may be set in the environment.
set -euo pipefail

executable=$1
port=${PORT:-8080}
data=${DATA_DIR:-data}
demo=deploy/demo/blurred.jpg
result=$data/demo-deblurred.jpg
mkdir -p "$data"

"$executable" serve --host 127.0.0.1 --port "$port" --data "$data" --model weights/default &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT INT TERM

until curl -fs "http://127.0.0.1:$port/readyz" >/dev/null 2>&1; do
  kill -0 $server 2>/dev/null || { echo "the server did not start (is port $port taken? try PORT=8081 make run)" >&2; exit 1; }
  sleep 0.2
done

seconds=$(curl -fsS -D "$data/demo-headers.txt" -o "$result" -w '%{time_total}' --data-binary @"$demo" \
  -H 'Content-Type: image/jpeg' "http://127.0.0.1:$port/v1/deblur")
timestep=$(tr -d '\r' < "$data/demo-headers.txt" | awk -F': ' 'tolower($1) == "fidediff-predicted-timestep" {print $2}')

cat <<TXT

$demo: predicted timestep $timestep, deblurred in $seconds s
result: $result

Try, from another terminal:
  curl --fail --data-binary @$demo -o sharp.jpg http://127.0.0.1:$port/v1/deblur
  curl --fail --data-binary @$demo http://127.0.0.1:$port/v1/blur-level
  curl --fail --data-binary @$demo http://127.0.0.1:$port/v1/jobs
  curl --fail http://127.0.0.1:$port/v1/jobs

The page: http://127.0.0.1:$port
The server stays up; Ctrl-C ends it.
TXT
wait $server
