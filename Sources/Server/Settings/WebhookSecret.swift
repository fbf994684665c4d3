import Foundation

/// Signs a webhook as Standard Webhooks 1.0.0 says: HMAC-SHA256 over ID.TIMESTAMP.BODY, `v1,` and base64.
///
/// A secret is `whsec_` and the base64 of 24 to 64 bytes.
public struct WebhookSecret: Sendable, Equatable {
    public struct Invalid: Error, CustomStringConvertible {
        public init() {}

        public var description: String {
            "a webhook secret is 'whsec_' followed by the base64 of 24 to 64 bytes; `fidediff key webhook-secret` makes one"
        }
    }

    private static let prefix = "whsec_"
    private static let sizes = 24...64
    private static let newBytes = 32

    public let text: String
    private let bytes: Data

    /// Draws a new secret at random.
    public init() {
        bytes = Data((0..<Self.newBytes).map { _ in UInt8.random(in: .min ... .max) })
        text = Self.prefix + bytes.base64EncodedString()
    }

    /// Reads a secret from its text: `whsec_` and base64.
    /// - Throws: `Invalid`
    public init(_ text: String) throws {
        guard text.hasPrefix(Self.prefix), let bytes = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            Self.sizes.contains(bytes.count)
        else { throw Invalid() }
        self.text = text
        self.bytes = bytes
    }

    /// Several, separated by spaces: while one is replaced by another, both sign.
    /// - Throws: `Invalid`
    public static func list(_ text: String) throws -> [WebhookSecret] {
        try text.split(separator: " ").map { try WebhookSecret(String($0)) }
    }

    func signature(id: String, timestamp: Int, body: String) -> String {
        let code = SHA256.authenticationCode(of: Data("\(id).\(timestamp).\(body)".utf8), key: bytes)
        return "v1," + code.base64EncodedString()
    }
}
