import Testing
@testable import Storage

/// How long finished jobs are kept.
@Suite(.timeLimit(.minutes(60))) struct RetentionTests {
    @Test func anyBoundIsALimit() {
        #expect(Retention().isUnlimited)
        for bound in [Retention(maxAgeSeconds: 1), Retention(maxJobs: 0), Retention(maxBytes: 1 << 40)] { #expect(!bound.isUnlimited) }
    }
}
