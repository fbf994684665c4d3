import Foundation

/// Bytes of a safetensors file, right or deliberately wrong.
struct SafetensorsBuilder {
    struct Tensor {
        var type = "F32"
        var shape: [Int]
        var bytes: Data
    }

    var tensors: [String: Tensor] = [:]

    init() {}

    /// The tensors of a good file.
    init(contentsOf url: URL) throws {
        let file = try Data(contentsOf: url)
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: file[8..<(8 + length)]) as? [String: Any] ?? [:]
        for (name, value) in header {
            guard let entry = value as? [String: Any], let type = entry["dtype"] as? String, let shape = entry["shape"] as? [Int],
                let range = entry["data_offsets"] as? [Int]
            else { continue }
            tensors[name] = Tensor(type: type, shape: shape, bytes: file.subdata(in: (8 + length + range[0])..<(8 + length + range[1])))
        }
    }

    mutating func add(_ name: String, _ shape: [Int], floats: [Float]) {
        tensors[name] = Tensor(
            shape: shape,
            bytes: floats.reduce(into: Data()) { data, value in
                withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
            })
    }

    var data: Data {
        var body = Data(), entries: [String: Any] = ["__metadata__": ["format": "pt"]]
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            entries[name] =
                ["dtype": tensor.type, "shape": tensor.shape, "data_offsets": [body.count, body.count + tensor.bytes.count]]
                as [String: Any]
            body += tensor.bytes
        }
        // Numbers, strings and arrays of them always make JSON.
        return Self.file(header: (try? JSONSerialization.data(withJSONObject: entries)) ?? Data(), body: body)
    }

    static func file(header: Data, body: Data) -> Data {
        withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header + body
    }

    static func file(header: String, bodyBytes: Int) -> Data {
        file(header: Data(header.utf8), body: Data(count: bodyBytes))
    }
}
