import Testing
@testable import Server

/// What all bodies under way may hold together.
@Suite(.timeLimit(.minutes(60))) struct BodyBudgetTests {
    @Test func memoryAndFilesAreCountedApart() {
        let budget = BodyBudget(maxMemoryBytes: 100, maxDiskBytes: 1_000)
        #expect(budget.take(100, .memory) && budget.take(1_000, .disk))
        #expect(budget.used(.memory) == 100 && budget.used(.disk) == 1_000)
        budget.giveBack(40, .memory)
        #expect(budget.used(.memory) == 60 && budget.used(.disk) == 1_000)
    }

    @Test func whatIsTooMuchTakesNothing() {
        let budget = BodyBudget(maxMemoryBytes: 100)
        #expect(budget.take(60, .memory) && !budget.take(41, .memory) && budget.used(.memory) == 60)
        #expect(budget.take(40, .memory))
    }

    /// A few bytes that are left are no room for another body.
    @Test func lessThanAPieceIsNothing() {
        let budget = BodyBudget(maxMemoryBytes: 1 << 20)
        #expect(!budget.isExhausted(.memory))
        #expect(budget.take((1 << 20) - (64 << 10), .memory) && !budget.isExhausted(.memory))
        #expect(budget.take(1, .memory) && budget.isExhausted(.memory) && !budget.isExhausted(.disk))
        let small = BodyBudget(maxMemoryBytes: 100)
        #expect(!small.isExhausted(.memory) && small.take(1, .memory) && small.isExhausted(.memory))
    }
}
