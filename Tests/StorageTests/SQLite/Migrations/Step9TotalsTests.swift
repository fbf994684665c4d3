import Foundation
import GRDB
import Testing

@testable import Storage

/// What triggers count is what there is, whatever was done.
@Suite(.timeLimit(.minutes(60))) struct Step9TotalsTests {
    private let folder: TemporaryFolder
    private let store: JobStore
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    init() throws {
        folder = try TemporaryFolder()
        store = try folder.jobs()
    }

    /// A thousand operations by chance; afterwards nothing is counted otherwise than a count of all rows would.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func countsStayTrue(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var twins: [Job] = []
        for step in 0..<400 {
            let now = start.addingTimeInterval(Double(step) * 3_600)
            switch Int.random(in: 0..<12, using: &random) {
            case 0...3:
                var new = NewJob.sample()
                new.inputBytes = Int.random(in: 1...9, using: &random)
                if Bool.random(using: &random) { new.context.keyID = "k" }
                new.context.webhookURL = "https://example.org/hook"
                _ = try store.enqueue(new, now: now)
            case 4...6:
                guard let job = try store.claim(now: now, leaseSeconds: 60, worker: "w") else { continue }
                _ = try store.setPredictedTimestep(id: job.id, Int.random(in: 0...3, using: &random), claim: job.claim)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: try store.fail(id: job.id, problemType: "p", detail: "d", claim: job.claim, now: now)
                case 1: try store.release(id: job.id, claim: job.claim)
                case 2: try store.markCancelled(id: job.id, claim: job.claim, now: now)
                default:
                    let output = JobOutput(format: "png", bytes: Int.random(in: 1...9, using: &random))
                    twins.append(try store.finish(id: job.id, output, claim: job.claim, now: now))
                }
            case 7, 8:
                guard let twin = try twins.randomElement(using: &random).flatMap({ try store.job(id: $0.id) }) else { continue }
                var new = NewJob.sample()
                new.inputBytes = twin.inputBytes
                let shared: Set<BlobKind> = Bool.random(using: &random) ? [.input, .output] : [.output]
                twins.append(try store.enqueue(new, reusing: twin, shared: shared, now: now))
            case 9:
                if let failed = try store.list(JobQuery(states: [.failed], limit: 1)).jobs.first { _ = try store.retry(id: failed.id) }
            case 10:
                if let job = try store.list(JobQuery(states: [.succeeded, .failed, .cancelled])).jobs.randomElement(using: &random) {
                    try store.delete(id: job.id)
                }
            default:
                _ = try store.expire(Retention(maxJobs: 20), now: now)
                if let delivery = try store.claimWebhook(now: now, leaseSeconds: 50) {
                    try store.settleWebhook(id: delivery.id, status: 200, error: nil, retryAt: nil)
                }
            }
        }
        #expect(try store.ids().count > 5)
        let totals = try store.totals(), levels = try store.predictedTimesteps()
        #expect(try !store.recount(), "nothing was counted wrong")
        #expect(try store.totals() == totals && store.predictedTimesteps() == levels)
        #expect(try totals.jobs.values.reduce(0, +) == store.ids().count)
    }

    @Test func aWrongCountIsMended() throws {
        _ = try store.enqueueSamples(3)
        try store.write { try $0.execute(sql: "UPDATE job_total SET jobs = 77 WHERE state = 'queued'") }
        #expect(try store.recount())
        #expect(try store.totals().jobs == [.queued: 3])
        #expect(try !store.recount())
    }

    /// Whole days are counted already, hours at both ends one by one: any bounds give what a count of all jobs would.
    @Test func blurLevelsBetweenAnyBounds() throws {
        var created: [(at: Date, timestep: Int, key: String?)] = []
        for hour in stride(from: -30, through: 100, by: 5) {
            var new = NewJob.sample()
            new.context.keyID = hour % 10 == 0 ? "k" : nil
            let at = Date(timeIntervalSince1970: Double(hour) * 3_600)
            let id = try store.enqueue(new, now: at).id
            #expect(try store.claim(now: at, leaseSeconds: 60, worker: "w")?.id == id)
            _ = try store.setPredictedTimestep(id: id, abs(hour) % 3)
            try store.finish(id: id, JobOutput(format: "png", bytes: 1), now: at)
            created.append((at, abs(hour) % 3, new.context.keyID))
        }
        let bounds: [Double?] = [nil, -31, -24, -3, 0, 0.5, 24, 26, 48, 71, 100, 101]
        for from in bounds {
            for before in bounds {
                for key in [nil, "k"] {
                    let low = from.map { Date(timeIntervalSince1970: $0 * 3_600) }
                    let high = before.map { Date(timeIntervalSince1970: $0 * 3_600) }
                    let fit = created.filter { job in
                        (low.map { job.at >= $0 } ?? true) && (high.map { job.at < $0 } ?? true) && (key == nil || job.key == key)
                    }
                    let expected = fit.reduce(into: [Int: Int]()) { $0[$1.timestep, default: 0] += 1 }
                    let found = try store.predictedTimesteps(from: low, before: high, keyID: key)
                    #expect(found == expected, "\(String(describing: (from, before, key)))")
                }
            }
        }
    }

    /// A list that looks for what no index gives in order goes on where it stopped, and finds everything once.
    @Test func sparseListsGoOn() throws {
        var wanted: [String] = []
        for index in 0..<60 {
            let id = try store.enqueue(.sample()).id
            _ = try store.claim(leaseSeconds: 60, worker: "w")
            _ = try store.setPredictedTimestep(id: id, index % 13 == 0 ? 500 : 5)
            if index % 13 == 0 { wanted.append(id) }
            if index % 3 == 1 {
                try store.finish(id: id, JobOutput(format: "png", bytes: 1))
                try store.delete(id: id)
            }
        }
        wanted = try wanted.filter { try store.job(id: $0) != nil }
        for (rows, limit) in [(1, 2), (4, 1), (4, 50), (100, 2)] as [(Int64, Int)] {
            var query = JobQuery(minTimestep: 100, limit: limit), found: [String] = []
            repeat {
                let page = try store.list(query, windowRows: rows)
                #expect(page.jobs.count <= limit)
                found += page.jobs.map(\.id)
                query.cursor = page.nextCursor
            } while query.cursor != nil
            #expect(found == wanted.reversed(), "\(rows) \(limit)")
        }
    }
}

/// Numbers by chance that are the same each time (Steele, Lea and Flood 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
