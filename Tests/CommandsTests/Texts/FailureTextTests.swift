import Commands
import Engine
import Foundation
import Testing

/// Errors as a person at a terminal reads them: one line, with the place.
@Suite(.timeLimit(.minutes(60))) struct FailureTextTests {
    @Test func aMissingFileIsNamedInWords() {
        #expect(throws: (any Error).self) { try Data(contentsOf: URL(fileURLWithPath: "/nowhere/photo.jpg")) }
        do {
            _ = try Data(contentsOf: URL(fileURLWithPath: "/nowhere/photo.jpg"))
        } catch {
            let text = FailureText.of(error)
            #expect(text.hasPrefix("cannot be read or written: ") && text.contains("exist"), "\(text)")
            #expect(!text.contains("\n") && !text.contains("NSCocoaErrorDomain"), "\(text)")
        }
    }

    @Test func aNumericalFaultNamesItsStage() {
        #expect(FailureText.of(DeblurError.numericalFault(stage: "latent")) == "the model gave values that are not finite in stage latent")
    }

    /// The engine's own errors say what was wrong and what to do.
    @Test func otherErrorsSpeakForThemselves() {
        struct Plain: Error, CustomStringConvertible { let description = "12 pixels wide; use 16 or more" }
        #expect(FailureText.of(Plain()) == "12 pixels wide; use 16 or more")
        do {
            _ = try ImageInfo(of: Data("no picture".utf8))
            Issue.record("text was taken for a picture")
        } catch {
            #expect(FailureText.of(error) == "\(error)")
        }
    }
}
