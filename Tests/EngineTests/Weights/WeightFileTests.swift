import Testing
@testable import Engine

/// A file of weights while a network is built.
@Suite(.timeLimit(.minutes(60))) struct WeightFileTests {
    private func file(_ purpose: WeightFile.Purpose = .load) throws -> WeightFile {
        var builder = SafetensorsBuilder()
        builder.add("a.weight", [2, 1, 1], floats: [1, 2])
        builder.add("b.weight", [3], floats: [3, 4, 5])
        return WeightFile(try SafetensorsFile(builder.data, name: "f"), name: "f", purpose: purpose)
    }

    @Test func whatIsAskedForIsGiven() throws {
        let file = try file()
        #expect(file.weight("b.weight", shape: [3], allowingTrailingOnes: false).tensor.values == [3, 4, 5])
        #expect(file.weight("a.weight", shape: [2], allowingTrailingOnes: true).tensor.values == [1, 2])
        #expect(file.finish() == [])
    }

    @Test func everythingWrongIsRememberedInOrder() throws {
        let file = try file()
        _ = file.weight("a.weight", shape: [2], allowingTrailingOnes: false)
        _ = file.weight("c", shape: [1], allowingTrailingOnes: false)
        #expect(
            file.finish() == [
                .misshapen(file: "f", tensor: "a.weight", expected: [2], found: [2, 1, 1]), .missing(file: "f", tensor: "c", shape: [1]),
                .unused(file: "f", tensor: "b.weight", shape: [3]),
            ])
    }

    /// Checking reads no values; parts that are switched off are no fault; a file that is not there is reported by its opener alone.
    @Test func checkingReadsNothing() throws {
        let file = try file(.check)
        #expect(file.weight("b.weight", shape: [3], allowingTrailingOnes: false).tensor.values.isEmpty)
        file.ignore(prefix: "a.")
        #expect(file.finish() == [] && file.contains("a.weight") && !file.contains("a"))
        let absent = WeightFile(nil, name: "none", purpose: .load)
        #expect(absent.weight("w", shape: [2], allowingTrailingOnes: false).shape == [2] && absent.finish() == [])
    }
}
