import Foundation
import Storage

// bench-store [JOBS 1000000] [FOLDER]: what each statement of the service costs over so many jobs, milliseconds.

/// Processor time of this process, seconds.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Prints the median and the most of wall and of processor time.
func measure(_ name: String, times: Int = 25, _ body: (Int) throws -> Void) rethrows {
    var walls: [Double] = [], processor: [Double] = []
    for round in 0..<times {
        let start = ContinuousClock.now, before = processorSeconds()
        try body(round)
        walls.append((ContinuousClock.now - start) / .milliseconds(1))
        processor.append((processorSeconds() - before) * 1_000)
    }
    func text(_ value: Double) -> String { String(format: "%8.2f", value) }
    walls.sort()
    processor.sort()
    print(name.padding(toLength: 44, withPad: " ", startingAt: 0), text(walls[times / 2]), text(walls[times - 1]), text(processor[times / 2]))
}

let count = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 1_000_000 : 1_000_000
let given = CommandLine.arguments.count > 2 ? URL(fileURLWithPath: CommandLine.arguments[2]) : nil
let folder = given ?? FileManager.default.temporaryDirectory.appendingPathComponent("bench-store-\(UUID().uuidString)")
let now = Date()
if !FileManager.default.fileExists(atPath: folder.path) { try fill(folder, jobs: count, now: now) }
let store = try JobStore(directory: folder, maxQueued: 20_000)

func new(_ key: String? = nil) -> NewJob {
    var new = NewJob(inputFormat: "jpeg", inputBytes: 1, width: 1_280, height: 720, inputHash: "h")
    new.contentKey = new.id
    new.mayReuse = true
    new.context.keyID = key
    return new
}

print("\(count) jobs".padding(toLength: 44, withPad: " ", startingAt: 0), "  median", "    most", "     cpu")
try measure("enqueue") { _ in _ = try store.enqueue(new()) }
try measure("claim") { _ in _ = try store.claim(leaseSeconds: 30, worker: "w") }
for job in try store.list(JobQuery(states: [.running], limit: 200)).jobs { try store.release(id: job.id, claim: job.claim, pauseSeconds: 200) }
for _ in 0..<2_000 { _ = try store.enqueue(new()) }
for _ in 0..<2_000 {
    if let job = try store.claim(leaseSeconds: 30, worker: "w") { try store.release(id: job.id, claim: job.claim, pauseSeconds: 200) }
}
_ = try store.enqueue(new())
try measure("claim behind 2,000 that pause") { _ in
    if let job = try store.claim(leaseSeconds: 30, worker: "w") { try store.release(id: job.id, claim: job.claim) }
}
try measure("poll (job by id)") { _ = try store.job(id: String(format: "0%025d", ($0 + 1) * 7_919 % count)) }
try measure("snapshot of the queue, 90,000 reused on top") { _ in _ = try store.snapshot() }
try measure("metrics (totals)") { _ in _ = try store.totals() }
try measure("blur levels, all") { _ in _ = try store.predictedTimesteps() }
try measure("blur levels, one key") { _ in _ = try store.predictedTimesteps(keyID: "k07") }
try measure("blur levels, 12.4 days") { _ in
    _ = try store.predictedTimesteps(from: now.addingTimeInterval(-15.2 * 86_400), before: now.addingTimeInterval(-2.8 * 86_400))
}
try measure("list") { _ in _ = try store.list() }
try measure("list, failed and cancelled") { _ in _ = try store.list(JobQuery(states: [.failed, .cancelled])) }
try measure("list, timestep from 281") { _ in _ = try store.list(JobQuery(minTimestep: 281)) }
try measure("list, timestep from 950 (there is none)") { _ in _ = try store.list(JobQuery(minTimestep: 950)) }
try measure("list, created 20 days ago") { _ in
    _ = try store.list(JobQuery(createdFrom: now.addingTimeInterval(-21 * 86_400), createdBefore: now.addingTimeInterval(-20 * 86_400)))
}
try measure("retention, nothing due") { _ in _ = try store.expire(Retention(maxAgeSeconds: 1e8, maxJobs: count * 2, maxBytes: .max)) }
try measure("retention by count, 25 at once") { _ in _ = try store.expire(Retention(maxJobs: count / 2)) }
try measure("retention by bytes, 25 at once") { _ in _ = try store.expire(Retention(maxBytes: 1 << 30)) }
try measure("retention by age, 25 at once") { _ in _ = try store.expire(Retention(maxAgeSeconds: 86_400)) }
try measure("old records, nothing due") { _ in try store.forgetOldRecords() }
try measure("claim a webhook") { _ in _ = try store.claimWebhook(leaseSeconds: 50) }
// A few hundred of the 10,000 that are pending are due at that time.
let early = now.addingTimeInterval(-29 * 86_400)
try measure("claim a webhook, its receiver busy") { _ in
    _ = try store.claimWebhook(now: early, leaseSeconds: 50, passing: ["https://example.org"])
}
try store.close()
if given == nil { try FileManager.default.removeItem(at: folder) }
