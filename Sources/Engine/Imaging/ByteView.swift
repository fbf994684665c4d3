import Foundation

/// Bounds-checked reading of integers from a file's bytes, counted from 0 whatever slice they are. A read past the end is nil.
struct ByteView {
    enum Order { case bigEndian, littleEndian }

    private let data: Data
    private let order: Order

    init(_ data: Data, order: Order = .bigEndian) {
        self.data = data
        self.order = order
    }

    var count: Int { data.count }

    func u8(at offset: Int) -> Int? {
        guard offset >= 0, offset < data.count else { return nil }
        return Int(data[data.startIndex + offset])
    }

    func u16(at offset: Int) -> Int? { integer(at: offset, bytes: 2) }

    func u32(at offset: Int) -> Int? { integer(at: offset, bytes: 4) }

    /// The part from `offset`, or nil when less than `count` bytes are there.
    func bytes(at offset: Int, count: Int) -> Data? {
        guard offset >= 0, count >= 0, offset <= data.count, count <= data.count - offset else { return nil }
        return data[data.startIndex + offset..<data.startIndex + offset + count]
    }

    func starts(with prefix: [UInt8], at offset: Int = 0) -> Bool {
        bytes(at: offset, count: prefix.count)?.elementsEqual(prefix) ?? false
    }

    func firstOffset(of byte: UInt8, from offset: Int) -> Int? {
        guard offset >= 0, offset < data.count else { return nil }
        return data[(data.startIndex + offset)...].firstIndex(of: byte).map { $0 - data.startIndex }
    }

    private func integer(at offset: Int, bytes count: Int) -> Int? {
        guard let part = bytes(at: offset, count: count) else { return nil }
        switch order {
        case .bigEndian: return part.reduce(0) { $0 << 8 | Int($1) }
        case .littleEndian: return part.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }
}
