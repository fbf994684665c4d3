@testable import Engine
import Foundation
import Testing

/// A file on disk, forgotten and held.
@Suite(.timeLimit(.minutes(60))) struct MappedFileTests {
    /// Pages that were given back come again from the file.
    @Test func whatIsForgottenIsReadAgain() throws {
        let directory = try TemporaryDirectory(), url = directory.url.appendingPathComponent("w.safetensors")
        var builder = SafetensorsBuilder()
        builder.tensors["x"] = .init(
            type: "F32", shape: [64, 512], bytes: Data((0..<64 * 512 * 4).map { UInt8(truncatingIfNeeded: $0 / 7 % 60) }))
        try builder.data.write(to: url)
        let file = try SafetensorsFile(at: url, name: "w"), entry = try #require(file.entries["x"])
        let weight = Weight(entry, of: file, shape: [512, 64])
        let first = weight.tensor.values
        #expect(weight.tensor.values == first && weight.tensor.shape == [512, 64] && file.tensor(entry).values == first)
        #expect(first.contains { $0 != 0 })
    }

    /// Held bytes are the process's own: nothing that happens to the file changes them.
    @Test func whatIsHeldOutlivesItsFile() throws {
        var builder = SafetensorsBuilder()
        builder.add("a", [3, 4000], floats: (0..<12_000).map(Float.init))
        let directory = try TemporaryDirectory(), url = directory.url.appendingPathComponent("a.safetensors")
        try builder.data.write(to: url)
        let file = try SafetensorsFile(at: url, name: "a"), entry = try #require(file.entries["a"]), expected = file.tensor(entry).values
        let held = try file.held()
        try FileHandle(forWritingTo: url).truncate(atOffset: 0)
        held.forget(entry)
        #expect(held.tensor(entry).values == expected)
        #expect(held.size == builder.data.count && held.entries == file.entries)
    }
}
