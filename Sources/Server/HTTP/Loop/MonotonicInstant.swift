import Glibc

/// A moment of the machine's monotonic clock.
struct MonotonicInstant: Comparable, Sendable {
    let nanoseconds: UInt64

    static func now() -> MonotonicInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicInstant(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    func advanced(bySeconds seconds: Double) -> MonotonicInstant {
        MonotonicInstant(nanoseconds: nanoseconds + UInt64(max(0, min(seconds, 1e9)) * 1e9))  // at most 30 years
    }

    /// Milliseconds until `other`, rounded up so that a sleeper does not wake too early; 0 when it has passed.
    func milliseconds(until other: MonotonicInstant) -> Int32 {
        guard other > self else { return 0 }
        return Int32(min((other.nanoseconds - nanoseconds + 999_999) / 1_000_000, UInt64(Int32.max)))
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
