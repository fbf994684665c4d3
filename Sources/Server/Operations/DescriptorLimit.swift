import Foundation

/// How many files and connections the process may have open, and how they are shared (RLIMIT_NOFILE, getrlimit(2)).
///
/// Work always has what it needs: connections get what is left. So nobody takes the descriptors away by connecting.
public struct DescriptorLimit: Sendable, Equatable {
    /// The database (a file, its log and its index for each of six connections), event loops, pictures of requests and of workers, webhooks.
    public static let reserve = 128
    /// A connection's socket, and the file that its body waits in or that is sent on it.
    static let eachConnection = 2
    private static let leastConnections = 16

    public struct TooLow: Error, CustomStringConvertible {
        let limit: Int

        public var description: String {
            let least = DescriptorLimit.reserve + DescriptorLimit.eachConnection * DescriptorLimit.leastConnections
            return "the process may open \(limit) files, and needs \(least); raise the limit (ulimit -n, LimitNOFILE= of systemd)"
        }
    }

    /// Before and after.
    public let found: Int
    public let limit: Int

    /// Raises the soft limit to the hard one, as the Go runtime, Node and nginx do.
    public static func raise() -> DescriptorLimit {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limits = rlimit()
        guard getrlimit(resource, &limits) == 0 else { return DescriptorLimit(found: 1_024, limit: 1_024) }
        let found = limits.rlim_cur
        limits.rlim_cur = limits.rlim_max
        let isRaised = setrlimit(resource, &limits) == 0
        return DescriptorLimit(found: Int(clamping: found), limit: Int(clamping: isRaised ? limits.rlim_max : found))
    }

    /// - Returns: how many connections there may be, at most `wanted`.
    /// - Throws: `TooLow`
    public func connections(wanted: Int) throws -> Int {
        let possible = (limit - Self.reserve) / Self.eachConnection
        guard possible >= Self.leastConnections else { throw TooLow(limit: limit) }
        return min(wanted, possible)
    }
}
