import Commands
import Server
import Testing

/// Blocks of addresses such as 10.0.0.0/8,::1.
@Suite(.timeLimit(.minutes(60))) struct BlockListTests {
    @Test(arguments: ["10.0.0.0/8", "::1", "192.0.2.7,2001:db8::/33", ""]) func isReadAndWritten(text: String) {
        #expect(BlockList(argument: text)?.description == text)
    }

    @Test func spacesAreDropped() {
        #expect(BlockList(argument: "10.0.0.0/8, ::1")?.description == "10.0.0.0/8,::1")
    }

    @Test(arguments: [",", "10.0.0.0/8,", "10.0.0.0/33", "10.0.0.0/8;::1", "a.example", "all"]) func anythingElseIsRefused(text: String) {
        #expect(BlockList(argument: text) == nil)
    }
}
