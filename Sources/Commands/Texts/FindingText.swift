import Foundation
import Server

/// What `fidediff check` prints of one finding, on one line: words for a person, or a JSON object for a program.
package enum FindingText {
    package static func line(_ finding: DataFinding, json: Bool) throws -> String {
        guard json else {
            let repair = finding.repair.map { "  -> \($0)" } ?? ""
            return "\(finding.kind.rawValue)  \(finding.subject)  \(finding.detail)\(repair)"
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(finding), as: UTF8.self)
    }
}
