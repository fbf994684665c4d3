import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// A key as its owner holds it.
@Suite(.timeLimit(.minutes(60))) struct KeyTextTests {
    @Test func aKeyProvesItselfAndNothingElseDoes() throws {
        let key = KeyText(), other = KeyText()
        let read = try #require(KeyText(key.text))
        #expect(read.id == key.id && read.matches(key.hash) && !other.matches(key.hash) && key.text != other.text)
        #expect(!read.matches(Data(count: 32)) && !read.matches(Data()))
        #expect(key.hash.count == 32 && !key.text.contains(key.hash.base64EncodedString()))
    }

    @Test(arguments: [
        "", "fd_", "fd_0123456789ab_", "xx_0123456789ab_0123456789012345678901234567890123456789012", "fd_0123456789ab_short",
    ])
    func otherTextsAreNoKeys(text: String) {
        #expect(KeyText(text) == nil)
    }
}
