import Foundation
import Testing
@testable import Engine

/// What this process may take.
@Suite(.timeLimit(.minutes(60))) struct MachineMemoryTests {
    @Test(arguments: [
        ("1048576\n", 1_048_576), ("max\n", nil), ("", nil), ("-1", nil), ("0", nil), ("9223372036854771712", 9_223_372_036_854_771_712),
    ])
    func aControlGroupsLimitIsRead(text: String, limit: Int?) throws {
        let folder = try TemporaryDirectory(), file = folder.url.appendingPathComponent("memory.max")
        try Data(text.utf8).write(to: file)
        #expect(MachineMemory.limit(in: file.path) == limit)
    }

    @Test func withoutAGroupThereIsNoLimit() {
        #expect(MachineMemory.limit(in: "/nowhere/memory.max") == nil)
        #expect(MachineMemory.bytes > 64 << 20 && MachineMemory.bytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }
}
