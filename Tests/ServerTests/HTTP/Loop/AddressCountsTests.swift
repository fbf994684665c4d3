import Testing
@testable import Server

/// How many connections an address has.
@Suite(.timeLimit(.minutes(60))) struct AddressCountsTests {
    @Test func anIPv6NetworkCountsAsOne() throws {
        let counts = AddressCounts(limit: 2, trusted: AddressBlock.local)
        let first = try #require(counts.open("2001:db8:1:2:3::1"))
        _ = try #require(counts.open("2001:db8:1:2:4::9"))
        #expect(counts.open("2001:db8:1:2::5") == nil)
        #expect(counts.open("2001:db8:1:3::5") != nil)
        counts.close(first)
        #expect(counts.open("2001:db8:1:2::5") != nil)
        // IPv4 by address, however it is written.
        _ = counts.open("192.0.2.1")
        _ = counts.open("::ffff:192.0.2.1")
        #expect(counts.open("192.0.2.1") == nil && counts.open("192.0.2.2") != nil)
        for _ in 0..<9 { #expect(counts.open("127.0.0.1") != nil && counts.open("10.0.0.9") != nil) }
    }
}
