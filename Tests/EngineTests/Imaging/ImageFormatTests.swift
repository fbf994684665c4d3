import Foundation
import Testing
@testable import Engine

/// Names of the formats.
@Suite(.timeLimit(.minutes(60))) struct ImageFormatTests {
    @Test func formatsHaveTheirRegisteredNames() {
        #expect(ImageFormat.allCases.map(\.mediaType) == ["image/jpeg", "image/png"])
        #expect(ImageFormat.allCases.map(\.fileExtension) == ["jpg", "png"])
    }
}
