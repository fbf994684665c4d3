import CLinux
import Foundation

/// An IPv4 or IPv6 address, and whether it is one of the public Internet (IANA's special-purpose address registries,
/// RFC 6890 and later).
///
/// IPv4: everything is public but the listed blocks. IPv6: nothing is but 2000::/3 without the listed blocks; so addresses that carry
/// an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo) never lead to a private one.
struct InternetAddress: Sendable, Equatable, CustomStringConvertible {
    /// The bytes of the address in network order: 4 or 16.
    let bytes: [UInt8]

    /// Everything that a host's name stands for now, in the resolver's order. Blocks. An address in digits stands for itself.
    /// - Throws: `Unresolved`
    static func resolve(_ host: String) throws -> [InternetAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw Unresolved(reason: String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(list) }
        var addresses: [InternetAddress] = []
        var next = list
        while let info = next {
            if let address = InternetAddress(info.pointee.ai_addr), !addresses.contains(address) { addresses.append(address) }
            next = info.pointee.ai_next
        }
        return addresses
    }

    struct Unresolved: Error { let reason: String }

    init?(_ text: String) {
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    private init?(_ address: UnsafePointer<sockaddr>?) {
        guard let address else { return nil }
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            bytes = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            bytes = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    /// The address as inet_ntop(3) writes it.
    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    var isPublic: Bool {
        func isIn(_ block: Block) -> Bool { block.contains(bytes) }
        return bytes.count == 4
            ? !Self.special4.contains(where: isIn) : Self.public6.contains(bytes) && !Self.special6.contains(where: isIn)
    }

    /// The addresses that begin with the first `bits` of `prefix`.
    private struct Block {
        let prefix: [UInt8]
        let bits: Int

        init(_ prefix: [UInt8], _ bits: Int) {
            (self.prefix, self.bits) = (prefix, bits)
        }

        func contains(_ bytes: [UInt8]) -> Bool {
            (0..<bits).allSatisfy { bit in
                let byte = bit / 8, mask = UInt8(0x80) >> UInt8(bit % 8)
                return bytes[byte] & mask == (byte < prefix.count ? prefix[byte] & mask : 0)
            }
        }
    }

    private static let special4 = [
        Block([0], 8), Block([10], 8), Block([100, 64], 10), Block([127], 8), Block([169, 254], 16), Block([172, 16], 12),
        Block([192, 0, 0], 24), Block([192, 0, 2], 24), Block([192, 31, 196], 24), Block([192, 52, 193], 24), Block([192, 88, 99], 24),
        Block([192, 168], 16), Block([192, 175, 48], 24), Block([198, 18], 15), Block([198, 51, 100], 24), Block([203, 0, 113], 24),
        Block([224], 4), Block([240], 4),
    ]
    private static let public6 = Block([0x20], 3)
    private static let special6 = [
        Block([0x20, 0x01], 23), Block([0x20, 0x01, 0x0D, 0xB8], 32), Block([0x20, 0x02], 16), Block([0x26, 0x20, 0, 0x4F, 0x80, 0], 48),
        Block([0x3F, 0xFF], 20),
    ]
}
