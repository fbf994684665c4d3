import Engine
import Foundation
import Storage

/// A job in JSON. Every member is always there; what is not known yet is null.
struct JobDocument: JSONWritable {
    let job: Job
    /// The place in the queue, 1 = next; nil unless queued.
    let queuePosition: Int?
    /// Until the job is settled, by what was measured on this machine.
    let estimatedSeconds: Double?
    /// When retention by age removes the job; nil unless it is settled.
    let expiresAt: Date?

    /// - Parameter snapshot: as old as the job, or younger; nil for a settled job, which has no place in the queue.
    init(_ job: Job, _ snapshot: QueueSnapshot?, _ configuration: Configuration) {
        self.job = job
        queuePosition = snapshot?.position(of: job.id)
        estimatedSeconds = snapshot?.secondsLeft(of: job.id, workers: configuration.workers)
        expiresAt = configuration.retention.maxAgeSeconds.flatMap { job.finishedAt?.addingTimeInterval($0) }
    }

    /// Names what the document says of the job's way; the same job has the same id only where nothing but the estimate differs.
    var eventID: String {
        [
            String(job.attempts), job.state.rawValue, job.cancelRequested ? "stop" : "go", String(Int(job.progress * 1000)),
            job.predictedTimestep.map(String.init) ?? "-", job.nextAttemptAt == nil ? "at_once" : "\(job.postponements)",
            queuePosition.map(String.init) ?? "-",
        ].joined(separator: ".")
    }

    func write(_ json: inout JSONWriter) {
        let options = options, path = "/v1/jobs/" + job.id
        json.object { json in
            json.member("attempts", job.attempts)
            json.member("cancel_requested", job.cancelRequested)
            json.member("created_at", job.createdAt)
            json.member("estimated_seconds", estimatedSeconds.map { ($0 * 10).rounded(.up) / 10 })
            json.member("expires_at", expiresAt)
            json.member("finished_at", job.finishedAt)
            json.member("id", job.id)
            json.member("input", Picture(format: job.inputFormat, bytes: job.inputBytes, width: job.width, height: job.height))
            json.object("links", path) { json, path in
                json.member("events", path + "/events")
                json.member("input", path + "/input")
                json.member("kernels", path + "/kernels")
                json.member("result", path + "/result")
                json.member("self", path)
                json.member("webhook", job.context.webhookURL.map { _ in path + "/webhook" })
            }
            json.member("model", job.output?.modelHash)
            json.member("next_attempt_at", job.nextAttemptAt)
            json.member("options", options)
            json.member("output", output(options))
            json.member("predicted_timestep", job.predictedTimestep)
            json.member("problem", job.problem)
            json.member("progress", job.progress)
            json.member("queue_position", queuePosition)
            json.member("reblur_psnr", job.output?.reblurPSNR)
            json.member("requested_timestep", job.requestedTimestep)
            json.member("retries", job.retries)
            json.member("reused_from", job.output?.reusedFrom)
            json.object("seconds", job.seconds) { json, seconds in
                json.member("decode", seconds.decode)
                json.member("diffusion", seconds.diffusion)
                json.member("encode", seconds.encode)
                json.member("kernels", seconds.kernels)
                json.member("total", seconds.total)
            }
            json.member("started_at", job.startedAt)
            json.member("state", job.state.rawValue)
            json.member("traceparent", job.context.traceparent)
            json.member("unchanged", job.output?.isUnchanged)
            json.member("version", job.output?.version)
            json.member("webhook", job.context.webhookURL)
        }
    }

    private struct Picture: JSONWritable {
        let format: String
        let bytes, width, height: Int

        func write(_ json: inout JSONWriter) {
            json.object { json in
                json.member("bytes", bytes)
                json.member("format", format)
                json.member("height", height)
                json.member("width", width)
            }
        }
    }

    /// Those of a newer version that stored the job show as the defaults.
    private var options: JobOptions {
        (try? JobOptions(stored: job.options, timestep: job.requestedTimestep)) ?? JobOptions(timestep: job.requestedTimestep)
    }

    /// The result's format and size: as wide and high as the photograph, or as its preview; nil until it is there.
    private func output(_ options: JobOptions) -> Picture? {
        guard let output = job.output else { return nil }
        let size = options.deblurOptions.outputSize(width: job.width, height: job.height)
        return Picture(format: output.format, bytes: output.bytes, width: size.width, height: size.height)
    }
}

extension StageSeconds {
    /// The stages in the order in which they are gone through.
    var stages: [(name: String, seconds: Double)] {
        [("decode", decode), ("kernels", kernels), ("diffusion", diffusion), ("encode", encode)]
    }
}

extension Job {
    private static let decodedSeconds = DecodedTexts<StageSeconds>()

    /// The seconds of the stages as the worker stored them; nil until the job has succeeded.
    var seconds: StageSeconds? {
        output?.stageSeconds.flatMap { try? Self.decodedSeconds.value(of: $0) }
    }

    /// Why it failed; nil unless it did. A name that a newer version stored reads as an internal error.
    var problem: Problem? {
        guard let problemType else { return nil }
        return Problem(ProblemType(rawValue: problemType) ?? .internalError, problemDetail ?? problemType)
    }
}
