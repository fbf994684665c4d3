import Testing
@testable import Server

/// Blocks in CIDR notation.
@Suite(.timeLimit(.minutes(60))) struct AddressBlockTests {
    @Test func blocksHoldTheirAddresses() throws {
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"), ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("127.0.0.0/8", "::ffff:127.0.0.1", "::1"), ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("fe80::/10", "fe80::1%eth0", "fec0::"), ("::1", "::1", "::2"),
        ] {
            let found = try #require(AddressBlock(block))
            #expect(found.contains(try #require(AddressBlock.bytes(inside))), "\(block) \(inside)")
            #expect(!found.contains(try #require(AddressBlock.bytes(outside))), "\(block) \(outside)")
            #expect(found.description == block)
        }
        #expect(AddressBlock.local.count == 8)
    }

    @Test(arguments: ["", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129", "a.example", "10.0.0.0/8/8"])
    func otherTextsAreNoBlocks(text: String) {
        #expect(AddressBlock(text) == nil)
    }
}
