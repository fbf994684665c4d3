import Foundation
import Synchronization

/// The values of JSON texts that come again: options that most jobs share, and what clients ask for over and over.
///
/// Calls may come from any thread.
final class DecodedTexts<Value: Decodable & Sendable>: Sendable {
    private let maxCount: Int
    private let values = Mutex<[String: Value]>([:])

    init(maxCount: Int = 256) {
        self.maxCount = maxCount
    }

    var count: Int { values.withLock { $0.count } }

    /// - Throws: as `JSONDecoder`; a text that it cannot read is not kept.
    func value(of text: String) throws -> Value {
        if let value = values.withLock({ $0[text] }) { return value }
        let value = try JSONDecoder().decode(Value.self, from: Data(text.utf8))
        values.withLock { values in
            if values.count >= maxCount { values.removeAll(keepingCapacity: true) }
            values[text] = value
        }
        return value
    }
}
