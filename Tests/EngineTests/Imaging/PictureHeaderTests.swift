import Foundation
import Testing
@testable import Engine

/// A file told by its first bytes.
@Suite(.timeLimit(.minutes(60))) struct PictureHeaderTests {
    @Test func theFormatIsReadFromTheBytes() throws {
        for format in ImageFormat.allCases {
            let photograph = EngineTestPictures.textured(width: 40, height: 30)
            let header = try PictureHeader.parse(PhotographEncoder.encode(photograph, as: format))
            #expect(header.info.format == format && header.storedWidth == 40 && header.storedHeight == 30 && header.orientation == .up)
        }
    }

    @Test(arguments: ["", "GIF89a", "BM", "\u{89}PN", "RIFF....WEBP", "<svg/>"]) func otherBytesAreNoPicture(text: String) {
        #expect(throws: ImageError.notAnImage) { try PictureHeader.parse(Data(text.utf8)) }
    }
}
