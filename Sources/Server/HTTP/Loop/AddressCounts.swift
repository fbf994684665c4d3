import Synchronization

/// How many connections each address has. IPv6 counts by /64, which is what one customer gets (RFC 6177); trusted ones do not count.
///
/// Calls may come from any thread; each takes one short lock, once at the beginning and once at the end of a connection.
final class AddressCounts: Sendable {
    /// What a connection gives back at its end; nil for one that does not count.
    typealias Key = [UInt8]?

    private let limit: Int
    private let trusted: [AddressBlock]
    private let counts = Mutex<[[UInt8]: Int]>([:])

    /// - Parameter limit: 0 = none.
    init(limit: Int, trusted: [AddressBlock]) {
        self.limit = limit
        self.trusted = trusted
    }

    /// Counts one more connection of a numeric address.
    /// - Returns: nil when it has as many as it may; else the key for `close`.
    func open(_ address: String) -> Key? {
        guard limit > 0, let bytes = AddressBlock.bytes(address), !trusted.contains(where: { $0.contains(bytes) }) else {
            return .some(nil)
        }
        let isIPv4 = bytes.prefix(12).elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
        let key = isIPv4 ? bytes : Array(bytes.prefix(8))
        let isAllowed = counts.withLock { counts in
            guard counts[key, default: 0] < limit else { return false }
            counts[key, default: 0] += 1
            return true
        }
        guard isAllowed else { return nil }
        return .some(key)
    }

    func close(_ key: Key) {
        guard let key else { return }
        counts.withLock { counts in
            let left = counts[key, default: 1] - 1
            counts[key] = left > 0 ? left : nil
        }
    }
}
