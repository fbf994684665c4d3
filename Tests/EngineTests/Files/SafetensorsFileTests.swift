@testable import Engine
import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct SafetensorsFileTests {
    /// The same values, whether a layer's matrix is in memory or decoded part by part: linear, by Winograd's algorithm, at stride 2.
    @Test(arguments: ["F32", "F16", "BF16"])
    func layersComputeTheSameFromDisk(type: String) throws {
        let directory = try TemporaryDirectory(), url = directory.url.appendingPathComponent("w.safetensors")
        let bytes = type == "F32" ? 4 : 2, shape = [300, 65, 3, 3], count = shape.reduce(1, *)
        var builder = SafetensorsBuilder(), numbers = Numbers(seed: 6)
        // Whatever the last bits are, a high byte of 0x3b or 0xbb is a small number in all three.
        builder.tensors["x"] = .init(
            type: type, shape: shape,
            bytes: Data(
                (0..<count * bytes).map {
                    $0 % bytes == bytes - 1 ? ($0 % 3 == 0 ? 0x3b : 0xbb) : UInt8(truncatingIfNeeded: $0 / 5)
                }))
        try builder.data.write(to: url)
        let file = try SafetensorsFile(at: url, name: "w"), entry = try #require(file.entries["x"])
        let matrix = Weight(entry, of: file, shape: [300, 585]), filters = Weight(entry, of: file, shape: shape)
        let tokens = numbers.tensor([585, 70]), picture = numbers.tensor([65, 40, 42])
        #expect(Ops.linear(Channels(tokens), weight: matrix).values == Ops.linear(Channels(tokens), weight: Weight(matrix.tensor)).values)
        for stride in [1, 2] {
            let stored = Ops.convolution(picture, weight: filters, stride: stride, padding: Padding(all: 1))
            #expect(
                stored.values == Ops.convolution(picture, weight: Weight(filters.tensor), stride: stride, padding: Padding(all: 1)).values)
            #expect(stored.values.contains { $0 != 0 } && Ops.allFinite(stored))
        }
    }

    @Test func readsWhatIsThere() throws {
        var builder = SafetensorsBuilder()
        builder.add("a.weight", [2, 3], floats: [1, -2, 3, -4, 5, -6])
        builder.add("scalar", [], floats: [7])
        builder.tensors["half"] = .init(type: "F16", shape: [3], bytes: Data([0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38]))  // 1, -2, 0.5
        builder.tensors["brain"] = .init(type: "BF16", shape: [1], bytes: Data([0x40, 0x40]))  // 3
        let file = try SafetensorsFile(builder.data, name: "test")
        func values(_ name: String) throws -> [Float] { file.tensor(try #require(file.entries[name])).values }
        #expect(file.entries.count == 4 && file.parameters == 11)
        #expect(try values("a.weight") == [1, -2, 3, -4, 5, -6])
        #expect(try values("scalar") == [7])
        #expect(try values("half") == [1, -2, 0.5])
        #expect(try values("brain") == [3])
    }

    static let corrupt: [(String, Data)] = [
        ("nothing", Data()),
        ("seven bytes", Data(count: 7)),
        ("a length beyond the file", Data([200, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d])),
        ("a length beyond an Int", Data(repeating: 0xff, count: 64)),
        ("no JSON", SafetensorsBuilder.file(header: "what", bodyBytes: 0)),
        ("no object", SafetensorsBuilder.file(header: "[1]", bodyBytes: 0)),
        ("no dtype", SafetensorsBuilder.file(header: #"{"x":{"shape":[1],"data_offsets":[0,4]}}"#, bodyBytes: 4)),
        ("no shape", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","data_offsets":[0,4]}}"#, bodyBytes: 4)),
        ("a shape of strings", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}"#, bodyBytes: 4)),
        ("a negative shape", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, bodyBytes: 4)),
        ("an empty shape", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#, bodyBytes: 0)),
        (
            "a shape beyond an Int",
            SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[9000000000,9000000000],"data_offsets":[0,4]}}"#, bodyBytes: 4)
        ),
        ("half a range", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, bodyBytes: 4)),
        ("a range backwards", SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, bodyBytes: 4)),
        (
            "a range before the data",
            SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, bodyBytes: 4)
        ),
        (
            "a range unlike the shape",
            SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, bodyBytes: 4)
        ),
        (
            "overlap",
            SafetensorsBuilder.file(
                header: #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
                bodyBytes: 8)
        ),
        (
            "a hole",
            SafetensorsBuilder.file(
                header: #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#,
                bodyBytes: 12)
        ),
        (
            "bytes behind the data",
            SafetensorsBuilder.file(header: #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, bodyBytes: 5)
        ),
    ]

    @Test(arguments: corrupt.indices)
    func refuses(_ index: Int) throws {
        let (what, bytes) = Self.corrupt[index]
        let error = #expect(throws: ModelError.self, "\(what)") { try SafetensorsFile(bytes, name: "w.safetensors") }
        guard case .corrupt(file: "w.safetensors", let reason)? = error else {
            Issue.record("\(what): \(String(describing: error))")
            return
        }
        if bytes.count > 8 && what.contains("range") { #expect(reason.contains("tensor x"), "\(what): \(reason)") }
    }

    @Test func namesATruncatedTensor() {
        let bytes = SafetensorsBuilder.file(header: #"{"x":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#, bodyBytes: 6)
        #expect(throws: ModelError.truncated(file: "w", tensor: "x", neededBytes: 8, foundBytes: 6)) {
            try SafetensorsFile(bytes, name: "w")
        }
    }

    @Test func namesAnUnknownType() {
        let bytes = SafetensorsBuilder.file(header: #"{"x":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, bodyBytes: 8)
        #expect(throws: ModelError.unsupportedType(file: "w", tensor: "x", type: "I64")) { try SafetensorsFile(bytes, name: "w") }
    }

    @Test func aFileCutAnywhereIsRefused() throws {
        let whole = try Data(contentsOf: Fixtures.model("tiny-pixel").appendingPathComponent("fidediff.safetensors"))
        for length in stride(from: 0, to: whole.count, by: 97) {
            #expect(throws: ModelError.self, "cut at \(length)") { try SafetensorsFile(whole.prefix(length), name: "w") }
        }
    }

    /// A flipped bit in the header may spell another valid header; what must not happen is a crash or a read outside the file.
    @Test func aFlippedBitNeverCrashes() throws {
        let whole = try Data(contentsOf: Fixtures.model("tiny-pixel").appendingPathComponent("vae.safetensors"))
        let header = 8 + whole.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        var refused = 0
        for index in 0..<header {
            var changed = whole
            changed[index] ^= UInt8(1 << (index % 8))
            do {
                let file = try SafetensorsFile(changed, name: "w")
                for entry in file.entries.values { #expect(file.tensor(entry).count == entry.shape.reduce(1, *)) }
            } catch is ModelError {
                refused += 1
            }
        }
        #expect(refused > header / 2)
    }
}
