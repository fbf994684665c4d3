import Commands
import Testing

/// WxH on the command line.
@Suite(.timeLimit(.minutes(60))) struct PictureSizeTests {
    @Test func isReadAndWritten() throws {
        let size = try #require(PictureSize(argument: "1280x720"))
        #expect(size.width == 1280 && size.height == 720 && size.description == "1280x720")
        #expect(PictureSize(argument: "1x100000") != nil)
    }

    @Test(arguments: ["", "640", "640x", "x360", "640x360x3", "-640x360", "0x360", "640x100001", "640X360", "6.4x3", "640 x 360"])
    func anythingElseIsRefused(text: String) {
        #expect(PictureSize(argument: text) == nil)
    }
}
