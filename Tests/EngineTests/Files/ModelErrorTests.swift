import Testing
@testable import Engine

/// What is wrong with a model, in words.
@Suite(.timeLimit(.minutes(60))) struct ModelErrorTests {
    /// The file, the tensor and both shapes, or what is missing.
    @Test(arguments: [
        (ModelError.unreadable(file: "a.st", reason: "gone"), ["a.st", "gone"]),
        (.invalidConfiguration(file: "config.json", key: "unet.layers", reason: "is 0"), ["config.json", "unet.layers", "is 0"]),
        (.truncated(file: "a.st", tensor: "w", neededBytes: 9, foundBytes: 4), ["a.st", "w", "9", "4", "cut short"]),
        (.unsupportedType(file: "a.st", tensor: "w", type: "I8"), ["I8", "F32, F16 and BF16"]),
        (.missing(file: "a.st", tensor: "w", shape: [2, 3]), ["a.st", "w", "[2, 3]"]),
        (.misshapen(file: "a.st", tensor: "w", expected: [2], found: [3]), ["w", "[2]", "[3]"]),
        (.unused(file: "a.st", tensor: "w", shape: [4]), ["w", "[4]", "no place"]),
        (.tooMuchMemory(limit: 1 << 30, needed: 3 << 30), ["3072 MiB", "1024"]),
        (.corrupt(file: "a.st", reason: "no header"), ["no header"]),
    ])
    func everyCaseSpeaks(error: ModelError, words: [String]) {
        for word in words { #expect(error.description.contains(word), "\(error)") }
        #expect(error.errorDescription == error.description)
    }

    @Test func oneIsThrownAsItselfAndSeveralTogether() {
        let one = ModelError.corrupt(file: "a", reason: "b"), two = ModelError.unreadable(file: "c", reason: "d")
        #expect(throws: Never.self) { try ModelError.raise([]) }
        #expect(throws: one) { try ModelError.raise([one]) }
        #expect(throws: ModelError.several([one, two])) { try ModelError.raise([one, two]) }
        #expect(ModelError.several([one, .several([two, one])]).all == [one, two, one])
    }

    /// A file of another network has thousands of faults: eight are enough.
    @Test func ofManyTheRestIsCounted() {
        let many = ModelError.several((0..<30).map { .unused(file: "a", tensor: "w\($0)", shape: [1]) })
        #expect(many.description.split(separator: "\n").count == 9 && many.description.hasSuffix("... and 22 more"))
    }
}
