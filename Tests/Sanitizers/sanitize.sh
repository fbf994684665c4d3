#!/usr/bin/env bash
# sanitize.sh address|thread|undefined [FILTER]: builds the tests with that sanitizer and runs them, or those whose name has FILTER in it.
# A report of the sanitizer ends in another exit code, like a test that fails. Libraries of the system are not instrumented.
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1 filter=${2:-.}
swift build --build-tests --sanitize="$kind" --scratch-path ".build-$kind"
# Leaks: Swift's metadata is never freed.
export ASAN_OPTIONS=detect_leaks=0 TSAN_OPTIONS=exitcode=66 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
exec ".build-$kind/debug/fidediffPackageTests.xctest" --testing-library swift-testing --filter "$filter"
