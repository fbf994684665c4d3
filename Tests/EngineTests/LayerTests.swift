import Testing
import TestSupport

/// Engine's rooms stand on those below them, as DEVELOPING.md says.
@Suite(.timeLimit(.minutes(60))) struct LayerTests {
    private static let order = [
        "Tensor", "Files", "Ops", "Imaging", "Config", "Weights", "Layers", "Model", "Pipeline", "Motion", "Tools", "",
    ]

    @Test func noRoomNamesOneAboveIt() throws {
        let graph = try SourceGraph(of: "Engine")
        #expect(graph.references.count > 300)
        #expect(graph.homeless(Self.order) == [])
        #expect(graph.upward(Self.order).map(\.description) == [])
    }

    /// Only these rooms know of the libraries in C.
    @Test(arguments: [("COpenBLAS", ["Ops"]), ("CLoops", ["Files", "Ops"]), ("CCodecs", ["Imaging"])])
    func librariesStayInTheirRooms(library: String, rooms: [String]) throws {
        let importers = try SourceGraph(of: "Engine").imports.filter { $0.value.contains(library) }.keys
        #expect(!importers.isEmpty)
        #expect(importers.filter { file in !rooms.contains { file.hasPrefix($0 + "/") } }.sorted() == [])
    }

    /// The graph sees what it is to forbid: the order upside down is broken, and a file in no room is found.
    @Test func aWrongOrderIsSeen() throws {
        let graph = try SourceGraph(of: "Engine")
        #expect(graph.upward(["Ops", "Tensor"]).contains { $0.to == "Tensor/Tensor.swift" })
        #expect(graph.homeless(["Ops"]).contains("Tensor/Tensor.swift"))
        #expect(graph.references.contains { ($0.from, $0.to, $0.name) == ("Ops/Winograd.swift", "Ops/Weight.swift", "Weight") })
    }
}
