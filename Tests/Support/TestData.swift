import Foundation
import Testing

/// The evaluation pictures and hostile files, which are too large for the repository: a folder beside it, or the one that
/// `FIDEDIFF_TEST_DATA` names.
///
/// A test that needs them has the trait `.enabled(if: TestData.isExpected, TestData.reason)`: where they are absent it is reported as
/// skipped, and under CI (`CI` is set) it runs and fails.
public enum TestData {
    public static let variable = "FIDEDIFF_TEST_DATA"
    public static let folder =
        ProcessInfo.processInfo.environment[variable].map { URL(fileURLWithPath: $0, isDirectory: true) }
        ?? Repository.folder.appendingPathComponent("../shared/data").standardizedFileURL

    /// What a test that was skipped says.
    public static let reason: Comment = "the test data is not in \(folder.path); set FIDEDIFF_TEST_DATA"

    /// Whether tests that need the data are to run.
    public static var isExpected: Bool { isHere || isCI }

    /// The data is not where it is looked for.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// A folder of the data, for instance `hostile`.
    /// - Throws: `Missing`
    public static func folder(_ name: String) throws -> URL {
        let url = folder.appendingPathComponent(name, isDirectory: true)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw Missing(description: "there is no \(url.path); set \(variable)")
        }
        return url
    }

    private static var isHere: Bool { FileManager.default.fileExists(atPath: folder.path) }
    private static var isCI: Bool { !(ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty }
}
