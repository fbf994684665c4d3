import Foundation

/// One line on standard error that is drawn again and again; nothing when that is no terminal.
package enum ProgressBar {
    private static let cells = 30
    private static let isTerminal = isatty(STDERR_FILENO) == 1

    /// - Parameter progress: 0...1
    package static func show(_ progress: Double, _ label: String) {
        guard isTerminal else { return }
        write("\r\u{1B}[K" + line(label, progress))
    }

    package static func clear() {
        guard isTerminal else { return }
        write("\r\u{1B}[K")
    }

    package static func line(_ label: String, _ progress: Double) -> String {
        let done = Int((min(max(progress, 0), 1) * Double(cells)).rounded())
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: cells - done)
        return "[\(bar)] \(Int(progress * 100)) % \(label)"
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
