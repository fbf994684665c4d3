@testable import Engine
import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct PartRunTests {
    /// What the network cannot halve as often as it must is refused with the sides that it could.
    @Test func sidesThatCannotBeHalvedAreRefused() throws {
        let model = Fixtures.model("tiny-pixel"), alignment = try ModelFolder(at: model).config.alignment
        let directory = try TemporaryDirectory(), inputs = directory.url.appendingPathComponent("inputs.safetensors")
        func whole(_ height: Int, _ width: Int) throws -> [[Float]] {
            var file = SafetensorsBuilder()
            file.add("image", [3, height, width], floats: [Float](repeating: 0.5, count: 3 * height * width))
            try file.data.write(to: inputs)
            return try PartRun(.whole, model: model, inputs: inputs, threads: nil)()
        }
        #expect(try whole(2 * alignment, alignment).map(\.count) == [6 * alignment * alignment])
        let expected = ModelError.misshapen(
            file: "inputs.safetensors", tensor: "image", expected: [3, 2 * alignment, alignment], found: [3, alignment + 1, alignment])
        #expect(throws: expected) { try whole(alignment + 1, alignment) }
    }
}
