#!/usr/bin/env bash
# Runs all that LOOP_MULTIVERSION (Sources/CLoops/internal.h) makes of the loops, on an x86-64 machine: what its own processor picks, and what
# others do that QEMU emulates, AArch64 among them. QEMU knows no AVX-512: those clones run only where the processor has it.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(uname -m)" = x86_64 ] || { echo "the loops are checked on x86-64 machines only" >&2; exit 1; }

folder=.build/loops
mkdir -p $folder
read -ra flags <<<"$(sed -n 's/^let loopSettings.*unsafeFlags(\[\([^]]*\)\].*/\1/p' Package.swift | tr -d '",')"
[ ${#flags[@]} -gt 0 ] || { echo "Package.swift has no loopSettings as this script reads them" >&2; exit 1; }
build() { # a name, flags
  clang "${flags[@]}" "${@:2}" -Wall -Werror -I Sources/CLoops/include Sources/CLoops/*.c Tests/Loops/*.c -o "$folder/$1" -lm
}
build x86-64
build aarch64 --target=aarch64-linux-gnu -fuse-ld=lld

# A set's name, the clone of loop_add that it stands for, the program, and what runs it with which arguments. Fails where the loader picked another.
check() {
  local name=$1 expected=$2 program=$folder/$3 output address result clone
  output=$("${@:4}" 2>"$program.err") || { cat "$program.err"; echo "$output"; echo "$name: failed" >&2; exit 1; }
  read -r address result <<<"$output"
  clone=$(nm "$program" | awk -v address="$(printf %016x "0x$address")" '$1 == address { print $3 }')
  [[ $clone == $expected ]] || { echo "$name: the loader picked ${clone:-none} for $expected" >&2; return 1; }
  echo "$name ($clone): $result"
}

if grep -qw avx512vl /proc/cpuinfo; then
  check AVX-512 'loop_add.*x86-64-v4*' x86-64 $folder/x86-64
else
  echo "AVX-512: skipped, this processor has none"
  grep -qw avx2 /proc/cpuinfo && check "AVX2, this processor" 'loop_add.*x86-64-v3*' x86-64 $folder/x86-64
fi
# Where vfmadd213ss takes 4 bytes from memory, QEMU 7.2 reads 16.
check AVX2 'loop_add.*x86-64-v3*' x86-64 qemu-x86_64 -cpu Haswell $folder/x86-64 16
check baseline 'loop_add.default*' x86-64 qemu-x86_64 -cpu qemu64 $folder/x86-64
check NEON loop_add aarch64 qemu-aarch64 -L /usr/aarch64-linux-gnu $folder/aarch64
