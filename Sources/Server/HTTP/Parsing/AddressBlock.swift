import Glibc

/// A block of IP addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3). An IPv4 address is the IPv6 one that stands for it,
/// ::ffff:a.b.c.d, as a socket that takes both gives it.
public struct AddressBlock: Sendable, Equatable, CustomStringConvertible {
    /// As it was given.
    public let description: String
    /// 16 bytes.
    private let bytes: [UInt8]
    private let prefixBits: Int

    /// Loopback, private and link-local blocks: where reverse proxies stand.
    public static let local = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10",
    ].compactMap(AddressBlock.init)

    /// - Parameter text: for instance 10.0.0.0/8, 192.0.2.7 or 2001:db8::/32; nil when it is none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let bytes = Self.bytes(String(first)) else { return nil }
        let isIPv4 = !first.contains(":")
        var bits = isIPv4 ? 32 : 128
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...bits).contains(given) else { return nil }
            bits = given
        }
        description = text
        self.bytes = bytes
        prefixBits = isIPv4 ? bits + 96 : bits
    }

    func contains(_ address: [UInt8]) -> Bool {
        let whole = prefixBits / 8, rest = prefixBits % 8
        guard address.count == 16, address[..<whole].elementsEqual(bytes[..<whole]) else { return false }
        return rest == 0 || (address[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
    }

    /// 16 bytes of a numeric address without port; nil when it is none.
    static func bytes(_ text: String) -> [UInt8]? {
        let text = text.prefix { $0 != "%" }  // a link-local address names its interface
        var four = in_addr(), sixteen = in6_addr()
        if inet_pton(AF_INET, String(text), &four) == 1 {
            return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + withUnsafeBytes(of: four) { Array($0) }
        }
        guard inet_pton(AF_INET6, String(text), &sixteen) == 1 else { return nil }
        return withUnsafeBytes(of: sixteen) { Array($0) }
    }
}
