#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library (compiler-rt, FuzzerDriver.cpp): runs until its options say so, and never returns before.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
