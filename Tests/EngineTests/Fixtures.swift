import Foundation

/// The golden fixtures that `training/parity/fixtures.py` writes.
enum Fixtures {
    static let names = ["tiny", "tiny-pixel", "tiny-lags", "tiny-half"]

    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "Fixtures")

    static func model(_ name: String) -> URL { directory.appendingPathComponent(name) }
}

/// A folder that goes when it is no longer referred to.
final class TemporaryDirectory {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
