import CLoops
import Foundation

/// A safetensors file, mapped into memory: 8 bytes little-endian length n, n bytes of JSON that give each tensor's type, shape and byte
/// range, then the data. The ranges must fill the data exactly, without holes or overlap; anything else is refused with the tensor's name.
package struct SafetensorsFile: Sendable {
    package struct Entry: Sendable, Equatable {
        package let type: StoredType
        package let shape: [Int]
        /// Within the data, which starts behind the header.
        let range: Range<Int>
    }

    /// The name by which errors call this file.
    package let name: String
    package let entries: [String: Entry]
    private var bytes: Data
    private let dataStart: Int
    /// The file's mapping; nil where its bytes are in memory.
    private var mapping: MappedFile?
    /// Whether the file has more parameters than are worth keeping in memory as float32 (256 MiB).
    package let isLarge: Bool
    package let parameters: Int

    /// Longest header accepted; Stable Diffusion's are below 200 kB.
    private static let maxHeaderBytes = 64 << 20

    /// - Throws: `ModelError` naming the file and the tensor
    package init(at url: URL, name: String) throws {
        let mapping: MappedFile
        do { mapping = try MappedFile(at: url) } catch {
            throw ModelError.unreadable(file: name, reason: error.localizedDescription)
        }
        try self.init(mapping.bytes, name: name)
        self.mapping = mapping
    }

    package init(_ bytes: Data, name: String) throws {
        func corrupt(_ reason: String) -> ModelError { .corrupt(file: name, reason: reason) }
        guard bytes.count >= 8 else { throw corrupt("\(bytes.count) bytes are fewer than the 8 of the header's length") }
        let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(min(Self.maxHeaderBytes, bytes.count - 8)) else {
            throw corrupt(
                "the header should take \(length) bytes, the file has \(bytes.count - 8) (at most \(Self.maxHeaderBytes) are accepted)")
        }
        let dataStart = 8 + Int(length)
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: bytes.subdata(in: bytes.startIndex + 8..<bytes.startIndex + dataStart))
        } catch DecodingError.dataCorrupted(let context) where context.codingPath.isEmpty {
            throw corrupt("the header is not JSON")
        } catch DecodingError.keyNotFound(let key, let context) {
            throw corrupt("tensor \(context.codingPath.map(\.stringValue).joined(separator: ".")) has no \(key.stringValue)")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(
            let context)
        {
            throw corrupt("header, at \(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)")
        }

        let available = bytes.count - dataStart
        var entries: [String: Entry] = [:]
        for (tensor, raw) in header.tensors {
            guard let type = StoredType(rawValue: raw.dtype) else {
                throw ModelError.unsupportedType(file: name, tensor: tensor, type: raw.dtype)
            }
            guard raw.data_offsets.count == 2, let first = raw.data_offsets.first, let last = raw.data_offsets.last, first >= 0,
                first <= last
            else {
                throw corrupt("tensor \(tensor) has data_offsets \(raw.data_offsets)")
            }
            guard let size = Self.byteCount(raw.shape, type) else { throw corrupt("tensor \(tensor) has shape \(raw.shape)") }
            guard size == last - first else {
                throw corrupt(
                    "tensor \(tensor) of shape \(raw.shape) and type \(type.rawValue) takes \(size) bytes, its data_offsets span \(last - first)"
                )
            }
            guard last <= available else {
                throw ModelError.truncated(file: name, tensor: tensor, neededBytes: last, foundBytes: available)
            }
            entries[tensor] = Entry(type: type, shape: raw.shape, range: first..<last)
        }
        var end = 0
        for (tensor, entry) in entries.sorted(by: { $0.value.range.lowerBound < $1.value.range.lowerBound }) {
            guard entry.range.lowerBound >= end else { throw corrupt("tensor \(tensor) overlaps the one before it") }
            guard entry.range.lowerBound == end else {
                throw corrupt("\(entry.range.lowerBound - end) unused bytes before tensor \(tensor)")
            }
            end = entry.range.upperBound
        }
        guard end == available else { throw corrupt("\(available - end) bytes after the last tensor") }
        (self.name, self.entries, self.bytes, self.dataStart) = (name, entries, bytes, dataStart)
        parameters = entries.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
        isLarge = parameters > 64 << 20
    }

    /// The same with its bytes in memory, where they are mapped here.
    /// - Throws: `ModelError` where there is no room
    func held() throws -> SafetensorsFile {
        guard let mapping else { return self }
        var file = self
        do { file.bytes = try mapping.copied() } catch { throw ModelError.unreadable(file: name, reason: error.localizedDescription) }
        file.mapping = nil
        return file
    }

    /// The size of the file in bytes.
    var size: Int { bytes.count }

    /// A tensor's bytes as they are stored.
    func bytes(of entry: Entry) -> Data {
        let start = bytes.startIndex + dataStart
        return bytes[(start + entry.range.lowerBound)..<(start + entry.range.upperBound)]
    }

    /// Some values of a tensor, in its stored order, as float32. As many behind them are asked for from memory: parts of rows are read in
    /// turn, each too short for the processor to foresee the next.
    func decode(_ entry: Entry, _ part: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        bytes.withUnsafeBytes { raw in
            guard let base = raw.bindMemory(to: UInt8.self).baseAddress else { return }
            let size = entry.type.bytes, first = dataStart + entry.range.lowerBound + part.lowerBound * size,
                end = first + part.count * size
            loop_prefetch(base + end, min(part.count * size, raw.count - end))
            entry.type.decode(part.count, at: base + first, into: target)
        }
    }

    /// Gives back the memory that reading the tensor has taken. It can be read again.
    package func forget(_ entry: Entry) {
        mapping?.forget((dataStart + entry.range.lowerBound)..<(dataStart + entry.range.upperBound))
    }

    /// 64-bit fingerprint of the whole file, continuing from `seed`; of a large one no more than 64 MiB are in memory at a time.
    func fingerprint(seed: UInt64) -> UInt64 {
        (0..<bytes.count).pieces(of: Self.fingerprintPiece).reduce(seed) { hash, piece in
            defer { if isLarge { mapping?.forget(piece) } }
            return Fingerprint.of(bytes[piece], seed: hash)
        }
    }

    private static let fingerprintPiece = 64 << 20

    /// Bytes of a tensor of this shape; nil for negative or empty dimensions and sizes beyond an Int.
    private static func byteCount(_ shape: [Int], _ type: StoredType) -> Int? {
        var size = type.bytes
        for dimension in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard dimension > 0, !overflow else { return nil }
            size = product
        }
        return size
    }

    private struct Header: Decodable {
        struct Raw: Decodable {
            let dtype: String
            let shape: [Int]
            let data_offsets: [Int]
        }
        struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        let tensors: [String: Raw]

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            var tensors: [String: Raw] = [:]
            for key in container.allKeys where key.stringValue != "__metadata__" {
                tensors[key.stringValue] = try container.decode(Raw.self, forKey: key)
            }
            self.tensors = tensors
        }
    }
}
