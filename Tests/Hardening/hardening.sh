#!/usr/bin/env bash
# hardening.sh FIDEDIFF: what the built executable must have, read with binutils from the file itself.
set -euo pipefail
file=$1 failed=0

check() { # NAME, then a command that succeeds where it holds
  local name=$1
  shift
  if "$@" >/dev/null; then echo "ok    $name"; else echo "FAIL  $name" && failed=1; fi
}
has() { "$1" -W "$2" "$file" | grep -E -- "$3"; }

check "position independent (PIE)" has readelf -d 'FLAGS_1.*PIE'
check "symbols bound at the start (BIND_NOW)" has readelf -d 'BIND_NOW|FLAGS_1.*NOW'
check "relocations read-only (RELRO)" has readelf -l 'GNU_RELRO'
check "stack not executable" has readelf -l 'GNU_STACK .* RW +0x'
check "no segment writable and executable" bash -c "! readelf -lW '$file' | grep -E 'LOAD .* RWE'"
check "stack protector" has readelf -s '__stack_chk_fail'
check "checked calls of libc (FORTIFY)" has readelf -s '__[a-z]+_chk@'
exit $failed
