import Testing
import TestSupport

/// Server's rooms stand on those below them, as DEVELOPING.md says: so no two depend on each other.
@Suite(.timeLimit(.minutes(60))) struct LayerTests {
    private static let order = [
        "HTTP/Fields", "HTTP/Parsing", "HTTP/Messages", "HTTP/Sending", "HTTP/Loop", "Texts", "Logging", "Queues", "Settings", "Problems",
        "Documents",
        "Metrics", "Webhooks", "Access", "Jobs", "Operations", "Calls", "Web", "Resources", "",
    ]

    @Test func noRoomNamesOneAboveIt() throws {
        let graph = try SourceGraph(of: "Server")
        #expect(graph.references.count > 300)
        #expect(graph.homeless(Self.order) == [])
        #expect(graph.upward(Self.order).map(\.description) == [])
    }

    /// HTTP is bytes alone, and no tensor is seen here.
    @Test func modulesStayInTheirRooms() throws {
        let imports = try SourceGraph(of: "Server").imports
        for (file, modules) in imports where file.hasPrefix("HTTP/") {
            #expect(modules.isDisjoint(with: ["Engine", "Storage"]), "\(file)")
        }
        let curl = imports.filter { $0.value.contains("CTransfer") }.keys
        #expect(!curl.isEmpty && curl.allSatisfy { $0.hasPrefix("Webhooks/") })
    }
}
