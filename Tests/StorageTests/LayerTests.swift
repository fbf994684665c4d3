import Testing
import TestSupport

/// Storage's rooms stand on those below them, as DEVELOPING.md says.
@Suite(.timeLimit(.minutes(60))) struct LayerTests {
    private static let order = [
        "Values", "Folder", "SQLite/Migrations", "SQLite", "SQLite/Jobs", "SQLite/Lists", "SQLite/Keys", "SQLite/Webhooks", "SQLite/Care",
    ]

    @Test func noRoomNamesOneAboveIt() throws {
        let graph = try SourceGraph(of: "Storage")
        #expect(graph.references.count > 50)
        #expect(graph.files.filter { !$0.contains("/") } == [])
        #expect(graph.homeless(Self.order) == [])
        #expect(graph.upward(Self.order).map(\.description) == [])
    }

    /// A second database will have the same values.
    @Test func onlySQLiteKnowsTheDatabase() throws {
        let importers = try SourceGraph(of: "Storage").imports.filter { $0.value.contains("GRDB") }.keys
        #expect(!importers.isEmpty && importers.allSatisfy { $0.hasPrefix("SQLite/") })
    }
}
