import Commands
import Testing

/// The line of progress on a terminal.
@Suite(.timeLimit(.minutes(60))) struct ProgressBarTests {
    @Test(arguments: [(0, 0), (0.5, 15), (0.999, 30), (1, 30), (0.016, 0), (0.017, 1)])
    func fillsThirtyCells(progress: Double, cells: Int) {
        let line = ProgressBar.line("a.png", progress)
        let done = String(repeating: "#", count: cells), left = String(repeating: ".", count: 30 - cells)
        #expect(line.hasPrefix("[\(done)\(left)] "))
        #expect(line.hasSuffix(" % a.png"))
    }

    /// An engine that says more than all, or less than nothing, draws no longer bar.
    @Test func staysWithinItsCells() {
        let full = String(repeating: "#", count: 30), empty = String(repeating: ".", count: 30)
        #expect(ProgressBar.line("", 1.5).hasPrefix("[\(full)] ") && ProgressBar.line("", -1).hasPrefix("[\(empty)] "))
    }
}
