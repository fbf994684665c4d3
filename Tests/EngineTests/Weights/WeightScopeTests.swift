import Testing
@testable import Engine

/// Names relative to a layer.
@Suite(.timeLimit(.minutes(60))) struct WeightScopeTests {
    @Test func scopesJoinTheirNames() throws {
        var builder = SafetensorsBuilder()
        builder.add("down.0.conv.bias", [2], floats: [1, 2])
        builder.add("old.weight", [1], floats: [7])
        let scope = WeightScope(WeightFile(try SafetensorsFile(builder.data, name: "f"), name: "f", purpose: .load))
        #expect(scope("down.0")("conv").tensor("bias", shape: [2]).values == [1, 2])
        // Under its old name where the file has that, else under the new one.
        #expect(scope("new", formerly: "old").tensor("weight", shape: [1]).values == [7])
        _ = scope("down.0", formerly: "gone").tensor("weight", shape: [1])
        #expect(scope.file.finish() == [.missing(file: "f", tensor: "down.0.weight", shape: [1])])
    }
}
