// ProgressBar.swift: one line on standard error that is drawn again and again; nothing when that is no terminal.

import Foundation

struct ProgressBar {
    private static let cells = 30

    let label: String
    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// - Parameter progress: 0...1
    func show(_ progress: Double) {
        guard isTerminal else { return }
        write("\r\u{1B}[K" + Self.line(label, progress))
    }

    func clear() {
        guard isTerminal else { return }
        write("\r\u{1B}[K")
    }

    init(label: String) {
        self.label = label
    }

    static func line(_ label: String, _ progress: Double) -> String {
        let done = Int((min(max(progress, 0), 1) * Double(cells)).rounded())
        let bar = String(repeating: "#", count: done) + String(repeating: ".", count: cells - done)
        return "[\(bar)] \(Int(progress * 100)) % \(label)"
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
