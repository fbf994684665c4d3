import Foundation
import Storage

/// An API key as its owner holds it: fd_ID_SECRET, ID 12 hexadecimal digits, SECRET 32 random bytes in base64url (RFC 4648
/// section 5). ID finds the key; the SHA-256 of the whole text proves it.
public struct KeyText: Sendable {
    private static let prefix = "fd_"
    private static let idDigits = 12
    private static let secretBytes = 32
    private static let secretCharacters = 43

    public let text: String
    let id: String

    /// Draws a new key at random.
    public init() {
        let id = (0..<Self.idDigits).map { _ in String(Int.random(in: 0...15), radix: 16) }.joined()
        let secret = Data((0..<Self.secretBytes).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        self.id = id
        text = Self.prefix + id + "_" + secret
    }

    /// A key as a client sends it; nil when `text` is none.
    init?(_ text: String) {
        let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "fd", parts[1].utf8.count == Self.idDigits, parts[2].utf8.count == Self.secretCharacters
        else { return nil }
        id = String(parts[1])
        self.text = text
    }

    var hash: Data { SHA256.hash(Data(text.utf8)) }

    /// Whether this is the key that `hash` was made from. Takes as long wherever the two differ.
    func matches(_ hash: Data) -> Bool {
        SHA256.areEqual(self.hash, hash)
    }

    /// What the store keeps of this key.
    public func stored(
        name: String, maySubmit: Bool, requestsPerMinute: Int?, picturesPerDay: Int?, webhookSecret: WebhookSecret
    ) -> AccessKey {
        AccessKey(
            id: id, name: name, hash: hash, maySubmit: maySubmit, requestsPerMinute: requestsPerMinute, picturesPerDay: picturesPerDay,
            webhookSecret: webhookSecret.text)
    }
}
