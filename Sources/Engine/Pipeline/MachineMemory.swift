import Foundation

/// What this process may take of the machine's memory.
package enum MachineMemory {
    /// Bytes: of the machine, or of the control group that the process is in, whichever is less.
    package static var bytes: Int {
        let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        return groupLimits.reduce(machine) { min($0, limit(in: $1) ?? $0) }
    }

    /// Files of the second and the first version of control groups, as a container sees them.
    private static let groupLimits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]

    /// The limit that a control group's file states; nil where there is no file, or no limit in it (`max`).
    static func limit(in file: String) -> Int? {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)).flatMap { $0 > 0 ? $0 : nil }
    }
}
