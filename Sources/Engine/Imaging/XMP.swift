import Foundation

/// An XMP packet (ISO 16684-1): RDF in XML, the same in a JPEG's APP1 and a PNG's iTXt. Its bytes stay as they are but for what has become
/// wrong or must go.
enum XMP {
    /// In front of the packet in a JPEG's APP1, and of a part of one that does not fit into a segment (XMP 3, 1.1.3).
    static let prefix = Array("http://ns.adobe.com/xap/1.0/\0".utf8), extensionPrefix = Array("http://ns.adobe.com/xmp/extension/\0".utf8)

    /// The packet of the upright picture: tiff:Orientation becomes 1.
    static func upright(_ packet: Data) -> Data {
        var bytes = Array(packet), position = 0
        let name = Array("tiff:Orientation".utf8)
        while let found = firstIndex(of: name, in: bytes, from: position) {
            position = found + name.count
            // As an attribute, ="6", or as an element, >6<.
            guard let digit = bytes[position...].prefix(8).firstIndex(where: { (0x31...0x38).contains($0) }),
                bytes[position..<digit].allSatisfy({ Array("=\"'> ".utf8).contains($0) })
            else { continue }
            bytes[digit] = UInt8(ascii: "1")
        }
        return Data(bytes)
    }

    /// The packet without properties whose name begins with GPS, in whatever namespace: exif:GPSLatitude, drone-dji:GpsLatitude. Nil where
    /// the text cannot be followed: nobody can tell what it holds.
    static func withoutGPS(_ packet: Data) -> Data? {
        let bytes = Array(packet)
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return nil }
        var result = Data(), copied = 0, position = 0
        while let found = firstIndex(of: Array(":gps".utf8), in: bytes, from: position, ignoringCase: true) {
            position = found + 1
            guard let property = property(at: found, in: bytes) else { continue }
            // A namespace of that name may hold it under any.
            guard let end = property.end, !bytes[..<found].suffix(6).elementsEqual(" xmlns".utf8) else { return nil }
            if property.start >= copied { result += bytes[copied..<property.start] }
            copied = max(copied, end)
            position = copied
        }
        return result + bytes[copied...]
    }

    /// The attribute or element whose name has its colon at `colon`; nil where that is no name but text. `end` is nil where it has none.
    private static func property(at colon: Int, in bytes: [UInt8]) -> (start: Int, end: Int?)? {
        var start = colon, nameEnd = colon + 1
        while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
        while nameEnd < bytes.count, isNameByte(bytes[nameEnd]) { nameEnd += 1 }
        guard start > 0, start < colon else { return nil }
        if bytes[start - 1] == UInt8(ascii: "<") {
            guard let close = bytes[nameEnd...].firstIndex(of: UInt8(ascii: ">")) else { return (start - 1, nil) }
            if bytes[close - 1] == UInt8(ascii: "/") { return (start - 1, close + 1) }
            let endTag = Array("</".utf8) + bytes[start..<nameEnd]
            let end = firstIndex(of: endTag, in: bytes, from: close).flatMap { bytes[$0...].firstIndex(of: UInt8(ascii: ">")) }
            return (start - 1, end.map { $0 + 1 })
        }
        guard isSpace(bytes[start - 1]) else { return nil }
        var next = nameEnd
        while next < bytes.count, isSpace(bytes[next]) { next += 1 }
        guard next < bytes.count, bytes[next] == UInt8(ascii: "=") else { return nil }
        guard let quote = bytes[next...].firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }),
            let end = bytes[(quote + 1)...].firstIndex(of: bytes[quote])
        else { return (start - 1, nil) }
        return (start - 1, end + 1)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// Letters, digits, and all beyond ASCII; XML's own rule is finer, and says nothing else about names that are written.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...: true
        default: false
        }
    }

    private static func firstIndex(of text: [UInt8], in bytes: [UInt8], from start: Int, ignoringCase: Bool = false) -> Int? {
        guard start + text.count <= bytes.count else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            (start...bytes.count - text.count).first { index in
                text.indices.allSatisfy { bytes[index + $0] == text[$0] || ignoringCase && bytes[index + $0] | 0x20 == text[$0] }
            }
        }
    }
}
