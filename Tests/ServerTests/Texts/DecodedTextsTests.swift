import Testing
@testable import Server

/// Texts that come again are read once.
@Suite(.timeLimit(.minutes(60))) struct DecodedTextsTests {
    @Test func keepsWhatItRead() throws {
        let texts = DecodedTexts<[Int]>(maxCount: 2)
        #expect(try texts.value(of: "[1]") == [1] && texts.value(of: "[1]") == [1] && texts.count == 1)
        #expect(try texts.value(of: "[2]") == [2] && texts.count == 2)
        #expect(try texts.value(of: "[3]") == [3] && texts.count == 1, "full, it begins anew")
        #expect(try texts.value(of: "[1]") == [1])
    }

    @Test func whatCannotBeReadIsNotKept() {
        let texts = DecodedTexts<[Int]>()
        for _ in 0..<2 { #expect(throws: DecodingError.self) { try texts.value(of: "[") } }
        #expect(texts.count == 0)
    }
}
