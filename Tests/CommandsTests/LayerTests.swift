import TestSupport
import Testing

/// The command line's rooms stand on those below them, as DEVELOPING.md says.
@Suite(.timeLimit(.minutes(60))) struct LayerTests {
    private static let order = ["Texts", "Settings", "Pictures", "Service"]

    @Test func noRoomNamesOneAboveIt() throws {
        let graph = try SourceGraph(of: "Commands")
        #expect(graph.references.count >= 10)
        #expect(graph.homeless(Self.order) == [])
        #expect(graph.upward(Self.order).map(\.description) == [])
    }

    /// The executable holds commands alone: what can be tested without a process lies in `Commands`.
    @Test func theExecutableHoldsCommandsAlone() throws {
        let files = try SourceGraph(of: "fidediff").files
        #expect(files.contains("Fidediff.swift"))
        #expect(files.filter { $0 != "Fidediff.swift" && !$0.hasSuffix("Command.swift") } == [])
    }
}
