import Foundation
import Testing
@testable import Server

@Suite struct SHA256Tests {
    private func hexadecimal(_ data: Data) -> String { data.map { String(format: "%02x", $0) }.joined() }

    /// Examples of FIPS 180-2 appendix B, and no bytes at all.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func hashes(text: String, digest: String) {
        #expect(hexadecimal(SHA256.hash(Data(text.utf8))) == digest)
        #expect(ContentHash.of(Data(text.utf8)) == digest)
    }

    /// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
    @Test(arguments: [
        (Data(repeating: 0x0b, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (Data("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (
            Data(repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func authenticates(key: Data, text: String, code: String) {
        #expect(hexadecimal(SHA256.authenticationCode(of: Data(text.utf8), key: key)) == code)
    }

    @Test func digestsAreComparedWhole() {
        let digest = SHA256.hash(Data("abc".utf8))
        var other = digest
        other[31] ^= 1
        #expect(SHA256.areEqual(digest, SHA256.hash(Data("abc".utf8))))
        #expect(!SHA256.areEqual(digest, other) && !SHA256.areEqual(digest, digest.prefix(31)) && !SHA256.areEqual(digest, Data()))
    }
}
