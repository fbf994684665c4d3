import Commands
import Engine
import Testing

/// A format as a flag or a file's extension spells it.
@Suite(.timeLimit(.minutes(60))) struct ImageFormatArgumentTests {
    @Test(arguments: ["jpeg", "jpg", "JPG", "Jpeg"]) func jpegHasTwoSpellings(text: String) {
        #expect(ImageFormat(argument: text) == .jpeg)
    }

    @Test func pngHasOne() {
        #expect(ImageFormat(argument: "PNG") == .png)
    }

    @Test(arguments: ["", "gif", "jpe", "image/png", ".png", " png", "pngx"]) func othersAreNone(text: String) {
        #expect(ImageFormat(argument: text) == nil)
    }
}
