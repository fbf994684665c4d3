import Foundation

/// The working tree that the tests were built from.
public enum Repository {
    public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
}
