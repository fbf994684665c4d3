import Foundation
import Testing

@testable import Commands

/// Which file a name leads to.
@Suite(.timeLimit(.minutes(60))) struct FileIdentityTests {
    @Test func allNamesOfAFileHaveOne() throws {
        let folder = try ScratchFolder()
        try folder.write("a.png", "b.png")
        try folder.link("link.png", to: "a.png")
        try FileManager.default.linkItem(atPath: folder.path("a.png"), toPath: folder.path("hard.png"))
        let identity = try #require(FileIdentity(folder.path("a.png")))
        #expect(FileIdentity(folder.path("link.png")) == identity && FileIdentity(folder.path("hard.png")) == identity)
        #expect(FileIdentity(folder.path("b.png")) != identity)
        #expect(FileIdentity(folder.path("none.png")) == nil)
    }
}
