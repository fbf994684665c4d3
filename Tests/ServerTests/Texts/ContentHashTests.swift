import Foundation
import Testing
@testable import Server

/// What identifies bytes or texts.
@Suite(.timeLimit(.minutes(60))) struct ContentHashTests {
    /// The example of FIPS 180-4, as NIST publishes it.
    @Test func isSHA256InHexadecimal() {
        #expect(ContentHash.of(Data("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(ContentHash.of(Data()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func textsCannotRunIntoEachOther() {
        let lists = [["ab", "c"], ["a", "bc"], ["abc"], ["abc", ""], ["", "abc"], [], [""], ["1:a"], ["é"]]
        #expect(Set(lists.map { ContentHash.of($0) }).count == lists.count)
    }
}
