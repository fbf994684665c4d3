import Foundation

/// Writes PNG files byte by byte, without libpng, of every kind there is, and broken ones. Compression is stored deflate blocks.
struct PNGBuilder {
    var width: Int
    var height: Int
    var bitDepth: Int
    var colourType: Int
    var interlaced = false
    var palette: [UInt8]?
    var transparency: [UInt8]?
    /// Chunks in front of the pixels, and behind them.
    var before: [(type: String, data: Data)] = []
    var after: [(type: String, data: Data)] = []

    private static let channels = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4]

    /// `sample(x, y, channel)` gives each sample, as an integer of `bitDepth` bits.
    func build(_ sample: (_ x: Int, _ y: Int, _ channel: Int) -> Int) -> Data {
        var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        let header = Self.bigEndian(width) + Self.bigEndian(height) + Data([UInt8(bitDepth), UInt8(colourType), 0, 0, interlaced ? 1 : 0])
        file += Self.chunk("IHDR", header)
        for chunk in before { file += Self.chunk(chunk.type, chunk.data) }
        if let palette { file += Self.chunk("PLTE", Data(palette)) }
        if let transparency { file += Self.chunk("tRNS", Data(transparency)) }
        file += Self.chunk("IDAT", Self.zlib(rows(sample)))
        for chunk in after { file += Self.chunk(chunk.type, chunk.data) }
        return file + Self.chunk("IEND", Data())
    }

    static func chunk(_ type: String, _ data: Data) -> Data {
        let covered = Data(type.utf8) + data
        return bigEndian(data.count) + covered + bigEndian(Int(crc(covered)))
    }

    static func bigEndian(_ value: Int) -> Data { Data((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }) }

    /// Filtered scanlines, filter 0 throughout; Adam7 passes one after the other.
    private func rows(_ sample: (Int, Int, Int) -> Int) -> Data {
        let adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        var bytes = Data()
        for (x0, y0, dx, dy) in interlaced ? adam7 : [(0, 0, 1, 1)] where x0 < width {
            for y in stride(from: y0, to: height, by: dy) {
                bytes.append(0)
                var bits = 0, value = 0
                for x in stride(from: x0, to: width, by: dx) {
                    for channel in 0..<(Self.channels[colourType] ?? 1) {
                        value = value << bitDepth | sample(x, y, channel)
                        bits += bitDepth
                        while bits >= 8 {
                            bits -= 8
                            bytes.append(UInt8(truncatingIfNeeded: value >> bits))
                        }
                        value &= (1 << bits) - 1
                    }
                }
                if bits > 0 { bytes.append(UInt8(truncatingIfNeeded: value << (8 - bits))) }
            }
        }
        return bytes
    }

    static func zlib(_ bytes: Data) -> Data {
        var stream = Data([0x78, 0x01])
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65535)
            rest = rest.dropFirst(block.count)
            let length = UInt16(block.count)
            stream += [rest.isEmpty ? 1 : 0, UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
            stream += block
        } while !rest.isEmpty
        var a = 1, b = 0
        for byte in bytes {
            a = (a + Int(byte)) % 65521
            b = (b + a) % 65521
        }
        return stream + bigEndian(b << 16 | a)
    }

    private static func crc(_ bytes: Data) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { bits, _ in bits & 1 == 1 ? bits >> 1 ^ 0xEDB8_8320 : bits >> 1 }
        }
    }
}
