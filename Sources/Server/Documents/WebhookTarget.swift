import Foundation

/// A URL to post to, read strictly and written anew, so that the part that checks the host and the part that connects
/// can never see two different hosts in one text (RFC 3986; no user, no fragment, no escapes or other alphabets in the host).
struct WebhookTarget: Sendable, Equatable {
    struct Invalid: Error, Equatable { let reason: String }

    static let maxBytes = 2_048

    let scheme: String
    /// A name or an IPv4 address, or an IPv6 address without its brackets.
    let host: String
    let port: UInt16
    /// The URL from its path on, at least /.
    let rest: String

    /// Reads the URL that a client names.
    /// - Throws: `Invalid` where it is none that a webhook may have
    init(_ text: String) throws {
        guard text.utf8.count <= Self.maxBytes else { throw Invalid(reason: "is longer than \(Self.maxBytes) bytes") }
        guard
            let match = text.wholeMatch(
                of:
                    /(?i:(https?):\/\/(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9._-]*[a-z0-9.])?))(?::([0-9]{1,5}))?)([\/?][!$&-;=?-Z_a-z~%]*)?/
            )
        else { throw Invalid(reason: "is no URL of the form http(s)://HOST[:PORT][/PATH][?QUERY]") }
        scheme = match.1.lowercased()
        host = (match.2 ?? match.3 ?? "").lowercased()
        let standard: UInt16 = scheme == "https" ? 443 : 80
        guard let port = match.4.map({ UInt16($0) }) ?? standard, port > 0 else {
            throw Invalid(reason: "has the port \(match.4 ?? ""); use 1 to 65535")
        }
        self.port = port
        let tail = match.5.map(String.init) ?? "/"
        rest = tail.hasPrefix("/") ? tail : "/" + tail
    }

    var isIPv6: Bool { host.contains(":") }

    /// The URL that is requested.
    var text: String { "\(scheme)://\(isIPv6 ? "[\(host)]" : host):\(port)\(rest)" }
}
