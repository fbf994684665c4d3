import Foundation
import Testing
@testable import Server

/// Public addresses and special ones, by the registries of IANA.
@Suite(.timeLimit(.minutes(60))) struct InternetAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.5", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::808:808", "100::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd12::1", "fe80::1",
        "fec0::1", "ff02::1", "5f00::1",
    ])
    func specialOnesAreNotPublic(text: String) throws {
        #expect(try !#require(InternetAddress(text)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1",
        "172.15.0.1",
        "172.32.0.0", "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111", "2003::1", "2a00::1", "3ffe::1",
    ])
    func othersAre(text: String) throws {
        let address = try #require(InternetAddress(text))
        #expect(address.isPublic)
        #expect(address.description == text)
    }

    @Test func readsDigitsOnly() {
        for text in ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "::1%lo"] {
            #expect(InternetAddress(text) == nil, "\(text)")
        }
    }

    @Test func odditiesOfTheResolverAreSeenAsWhatTheyAre() throws {
        // Forms that the system's resolver takes for 127.0.0.1.
        for text in ["127.1", "2130706433", "0x7f.0.0.1"] {
            #expect(try InternetAddress.resolve(text).map(\.description) == ["127.0.0.1"])
        }
        #expect(throws: InternetAddress.Unresolved.self) { _ = try InternetAddress.resolve("does-not-exist.invalid") }
    }
}
