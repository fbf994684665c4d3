import Foundation

/// A part of a PNG: four letters, content, check sum (ISO/IEC 15948, 5.3).
struct PNGChunk: Sendable, Equatable {
    /// Four ASCII letters as a number.
    let type: Int
    var content: Data

    init(_ type: Int, _ content: Data) {
        self.type = type
        self.content = content
    }

    /// - Parameter name: four ASCII letters
    init(_ name: String, _ content: Data) {
        self.init(Self.type(name), content)
    }

    static func type(_ name: String) -> Int { name.utf8.reduce(0) { $0 << 8 | Int($1) } }

    /// What the samples' numbers mean as colours, beside iCCP (third edition, 11.3.2). Type -> bytes of the content.
    static let colour = [
        type("cHRM"): 32...32, type("gAMA"): 4...4, type("sRGB"): 1...1, type("cICP"): 4...4, type("mDCV"): 24...24, type("cLLI"): 8...8,
        type("sBIT"): 1...4,
    ]
    /// What belongs to the picture beside its pixels and colours: transparency, background, an animation's further frames, the profile.
    static let picture: Set<Int> = [type("tRNS"), type("bKGD"), type("acTL"), type("fcTL"), type("fdAT"), profile]
    static let end = type("IEND")
    /// A reader must know it: its first letter is a capital (5.4).
    var isCritical: Bool { type >> 24 & 0x20 == 0 }

    static let significantBits = type("sBIT"), profile = type("iCCP"), exif = type("eXIf"), resolution = type("pHYs")
    static let text: Set<Int> = [type("tEXt"), type("zTXt"), internationalText]
    private static let internationalText = type("iTXt")

    /// Length, type, content, check sum.
    var bytes: Data {
        let covered = Self.bigEndian(type) + content
        return Self.bigEndian(content.count) + covered + Self.bigEndian(Self.checkSum(of: covered))
    }

    static func bigEndian(_ value: Int) -> Data { Data((0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }) }

    /// CRC-32 as in Annex D, over type and content.
    static func checkSum(of bytes: Data) -> Int {
        var sum: UInt32 = .max
        bytes.withUnsafeBytes { bytes in
            for byte in bytes { sum = sum >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
        }
        return Int(~sum)
    }

    /// Of each byte.
    private static let remainders: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }

    // MARK: Text

    private static let xmpKeyword = Array("XML:com.adobe.xmp\0".utf8)

    /// An iTXt chunk that is not compressed, with neither a language nor a translated keyword (XMP 3, 1.1.5).
    init(xmp: Data) {
        self.init(Self.internationalText, Data(Self.xmpKeyword + [0, 0, 0, 0]) + xmp)
    }

    /// The XMP packet of a text that is not compressed.
    var xmp: Data? {
        let view = ByteView(content), flags = Self.xmpKeyword.count
        guard type == Self.internationalText, view.starts(with: Self.xmpKeyword), view.u8(at: flags) == 0,
            let language = view.firstOffset(of: 0, from: flags + 2), let keyword = view.firstOffset(of: 0, from: language + 1)
        else { return nil }
        return view.bytes(at: keyword + 1, count: view.count - keyword - 1)
    }

    /// Whether a text begins as one: with a keyword of 1 to 79 bytes and a zero (11.3.3.1).
    var hasKeyword: Bool { content.prefix(80).firstIndex(of: 0).map { $0 > content.startIndex } ?? false }

    /// Whether a text may say where the picture was taken: by its keyword, or because it is another block of metadata, which is compressed or
    /// in hexadecimal digits.
    var mayHoldPlace: Bool {
        let keyword = String(decoding: content.prefix(80).prefix { $0 != 0 }, as: UTF8.self).lowercased()
        return keyword.contains("gps") || keyword.hasPrefix("raw profile type") && keyword != "raw profile type iptc"
            || keyword.hasPrefix("xml:com.adobe")
    }
}
