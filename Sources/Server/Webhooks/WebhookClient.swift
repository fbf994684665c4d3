import CTransfer
import Foundation

/// One POST over libcurl, to an address that was checked.
///
/// The name is resolved once, here; the addresses that may be used are handed to libcurl with the URL (CURLOPT_RESOLVE), and its connect is
/// refused for any other (CURLOPT_OPENSOCKETFUNCTION, transfer.c). So a name that answers differently a moment later changes nothing. No
/// redirects, no proxies. libcurl and not URLSession: Foundation's has no way to fix the address.
struct WebhookClient: Sendable {
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// All addresses of the host are special ones, to which no webhook is sent.
        case notPublic(host: String, addresses: [String])
        case unresolved(host: String, reason: String)
        case transfer(String)

        var description: String {
            switch self {
            case .notPublic(let host, let addresses):
                "\(host) is at \(addresses.joined(separator: ", ")), which is not on the public Internet"
            case .unresolved(let host, let reason): "\(host) cannot be resolved: \(reason)"
            case .transfer(let reason): reason
            }
        }

        /// For who gave the address: what a name stands for inside the operator's network is not theirs to know.
        var forClient: String {
            if case .notPublic(let host, _) = self { "\(host) is not on the public Internet" } else { description }
        }
    }

    let settings: WebhookSettings
    var resolve: @Sendable (String) throws -> [InternetAddress] = InternetAddress.resolve

    private static let isReady: Bool = transfer_start() == 0

    /// Blocks.
    /// - Returns: the status of the answer.
    /// - Throws: `Failure`
    func post(_ body: String, to target: WebhookTarget, fields: [(name: String, value: String)]) throws -> Int {
        guard Self.isReady else { throw Failure.transfer("libcurl cannot start") }
        let addresses = try allowed(target.host)
        let list = addresses.map(\.description).joined(separator: ",")
        // Brackets around IPv6 addresses, so that their colons are not taken for the separators of the entry.
        let entry = "\(target.host):\(target.port):" + addresses.map { $0.bytes.count == 16 ? "[\($0)]" : "\($0)" }.joined(separator: ",")
        let lines = fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        var status = 0
        var reason = [CChar](repeating: 0, count: 256)
        let code = Array(body.utf8).withUnsafeBytes { bytes in
            transfer_post(
                target.text, target.isIPv6 ? "" : entry, list, lines, bytes.baseAddress, bytes.count, Int(settings.timeoutSeconds * 1000),
                settings.authoritiesFile ?? "", &status, &reason, reason.count)
        }
        guard code == 0 else {
            throw Failure.transfer(String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return status
    }

    private func allowed(_ host: String) throws -> [InternetAddress] {
        let all: [InternetAddress]
        do {
            all = try resolve(host)
        } catch let error as InternetAddress.Unresolved {
            throw Failure.unresolved(host: host, reason: error.reason)
        }
        let allowed = settings.allowsPrivateAddresses ? all : all.filter(\.isPublic)
        guard !allowed.isEmpty else { throw Failure.notPublic(host: host, addresses: all.map(\.description)) }
        return allowed
    }
}
