#!/usr/bin/env bash
# fuzz.sh TARGET RUNS: builds the fuzzers and runs one over its seeds; what it finds new is kept below .build/corpus, a crash ends with its input.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 runs=$2
runtime=$(dirname "$(readlink -f "$(command -v swiftc)")")/../lib/clang
mkdir -p .build/runtime ".build/corpus/$target" .build/crashes
# Without its main: the executable has one.
for library in fuzzer_no_main ubsan_standalone; do
  ln -sf "$(find "$runtime"/*/lib -name "libclang_rt.$library-$(uname -m).a" | head -1)" ".build/runtime/lib${library%%_*}.a"
done
swift build -c release
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 .build/release/fuzz "$target" -runs="$runs" -max_len=4096 -timeout=20 -rss_limit_mb=4096 \
  -artifact_prefix=.build/crashes/ -print_final_stats=1 ".build/corpus/$target" "Seeds/$target"
