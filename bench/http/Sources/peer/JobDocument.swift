// JobDocument.swift: a row of `fidediff`'s table `job`, and the document that GET /v1/jobs/{id} makes of it once the job is finished. A queued or
// running job has a place in the queue and an estimate beside it, which are left out here.

import Foundation
import GRDB

struct JobDocument: FetchableRecord, Encodable, Sendable {
    struct Options: Codable, Sendable {
        let format, metadata: String?
        let preview, quality: Int?
        let strength: Double?

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(format, forKey: .format)
            try members.encode(metadata ?? "keep", forKey: .metadata)
            try members.encode(preview, forKey: .preview)
            try members.encode(quality, forKey: .quality)
            try members.encode(strength ?? 1, forKey: .strength)
        }
    }
    struct Seconds: Codable, Sendable {
        let decode, kernels, diffusion, encode, total: Double
    }
    struct Picture: Encodable, Sendable {
        let format: String
        let bytes, width, height: Int
    }

    let id, state: String
    let progress: Double
    let requestedTimestep, predictedTimestep: Int?
    let options: Options
    let attempts: Int
    let cancelRequested: Bool
    let created: Date
    let started, finished: Date?
    let reusedFrom, webhook, traceparent, model, version: String?
    let isUnchanged: Bool?
    let reblurPSNR: Double?
    let input: Picture
    let output: Picture?
    let seconds: Seconds?

    var isFinished: Bool { state == "succeeded" || state == "cancelled" }

    init(row: Row) throws {
        // In the middle of its millisecond: Foundation's format cuts off what follows, and many milliseconds lie a little below in binary.
        func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000) }
        let decoder = JSONDecoder()
        id = row["id"]
        state = row["state"]
        progress = row["progress"]
        requestedTimestep = row["requested_timestep"]
        predictedTimestep = row["predicted_timestep"]
        let optionsText: String = row["options"]
        options = try decoder.decode(Options.self, from: Data(optionsText.utf8))
        attempts = row["attempts"]
        cancelRequested = row["cancel_requested"]
        created = date(row["created_ms"])
        started = (row["started_ms"] as Int64?).map(date)
        finished = (row["finished_ms"] as Int64?).map(date)
        reusedFrom = row["reused_from"]
        model = row["model_hash"]
        version = row["version"]
        isUnchanged = row["unchanged"]
        reblurPSNR = row["reblur_psnr"]
        webhook = row["webhook_url"]
        traceparent = row["traceparent"]
        let (width, height): (Int, Int) = (row["width"], row["height"])
        input = Picture(format: row["input_format"], bytes: row["input_bytes"], width: width, height: height)
        output = (row["output_format"] as String?).map { Picture(format: $0, bytes: row["output_bytes"], width: width, height: height) }
        seconds = try (row["stage_seconds"] as String?).map { try decoder.decode(Seconds.self, from: Data($0.utf8)) }
    }

    var serverTiming: String? {
        guard let seconds else { return nil }
        var parts = [("decode", seconds.decode), ("kernels", seconds.kernels), ("diffusion", seconds.diffusion), ("encode", seconds.encode)]
        if let started { parts.insert(("queue", started.timeIntervalSince(created)), at: 0) }
        parts.append(("total", seconds.total))
        return parts.map { "\($0.0);dur=\((max($0.1, 0) * 10_000).rounded() / 10)" }.joined(separator: ", ")
    }

    private enum Key: String, CodingKey {
        case id, state, progress, attempts, options, input, output, seconds, problem, links, webhook, traceparent
        case expires_at, queue_position, estimated_seconds, requested_timestep, predicted_timestep, cancel_requested
        case created_at, started_at, finished_at, reused_from, model, version, unchanged, reblur_psnr
    }

    func encode(to encoder: any Encoder) throws {
        func text(_ date: Date?) -> String? { date?.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
        let nothing: String? = nil, path = "/v1/jobs/\(id)"
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(id, forKey: .id)
        try members.encode(state, forKey: .state)
        try members.encode(progress, forKey: .progress)
        try members.encode(nothing, forKey: .queue_position)
        try members.encode(nothing, forKey: .estimated_seconds)
        try members.encode(requestedTimestep, forKey: .requested_timestep)
        try members.encode(predictedTimestep, forKey: .predicted_timestep)
        try members.encode(options, forKey: .options)
        try members.encode(attempts, forKey: .attempts)
        try members.encode(cancelRequested, forKey: .cancel_requested)
        try members.encode(text(created), forKey: .created_at)
        try members.encode(text(started), forKey: .started_at)
        try members.encode(text(finished), forKey: .finished_at)
        try members.encode(nothing, forKey: .expires_at)
        try members.encode(reusedFrom, forKey: .reused_from)
        try members.encode(model, forKey: .model)
        try members.encode(version, forKey: .version)
        try members.encode(isUnchanged, forKey: .unchanged)
        try members.encode(reblurPSNR, forKey: .reblur_psnr)
        try members.encode(webhook, forKey: .webhook)
        try members.encode(traceparent, forKey: .traceparent)
        try members.encode(input, forKey: .input)
        try members.encode(output, forKey: .output)
        try members.encode(seconds, forKey: .seconds)
        try members.encode(nothing, forKey: .problem)
        let links: [String: String?] = [
            "self": path, "result": path + "/result", "input": path + "/input", "events": path + "/events", "kernels": path + "/kernels",
            "webhook": webhook.map { _ in path + "/webhook" },
        ]
        try members.encode(links, forKey: .links)
    }
}
