import Foundation

/// Collects an ICC profile that a JPEG carries in numbered APP2 segments (ICC.1:2010, B.4).
struct ICCChunks {
    static let prefix: [UInt8] = Array("ICC_PROFILE\0".utf8)
    private var chunks: [Int: Data] = [:]
    private var total: Int?
    private var isBroken = false

    /// Segments of other kinds are passed over.
    mutating func add(_ segment: Data) {
        let view = ByteView(segment)
        guard view.starts(with: Self.prefix), let number = view.u8(at: Self.prefix.count), let count = view.u8(at: Self.prefix.count + 1)
        else { return }
        if chunks[number] != nil || count != total ?? count { isBroken = true }
        total = count
        chunks[number] = segment.dropFirst(Self.prefix.count + 2)
    }

    /// The profile, or nil when there is none, or when a chunk is missing or contradicts another: half a profile is worse than none.
    func joined() -> Data? {
        guard let total, total > 0, !isBroken, chunks.count == total else { return nil }
        var profile = Data()
        for number in 1...total {
            guard let chunk = chunks[number] else { return nil }
            profile.append(chunk)
        }
        return profile.isEmpty ? nil : profile
    }
}
