import Foundation
import HTTPTypes
import Storage

/// GET /metrics: what is counted, and what the store and Linux say, as Prometheus text.
struct MetricsResource: Sendable {
    let context: ResourceContext

    var routes: [Route] {
        [Route(.get, "/metrics", .blocking(metrics))]
    }

    /// A store that does not answer leaves its own families away and `fidediff_ready` at 0: the rest is needed most just then.
    private func metrics(_ call: Call) -> Response {
        var text = PrometheusText()
        let isReady = (try? context.requireReadiness()) != nil
        text.family("fidediff_ready", .gauge, "1 when /readyz answers 200.", isReady ? 1 : 0)
        text.family("fidediff_build_info", .gauge, "The version of this program.", [([("version", Version.current)], 1)])
        if context.engine.isLoaded {
            text.family(
                "fidediff_model_info", .gauge, "The loaded model.",
                [
                    ([("model", context.engine.modelName), ("hash", context.engine.modelHash)], 1)
                ])
        }
        text.family("fidediff_workers", .gauge, "Jobs that may run at once.", Double(context.pool.workers))
        text.family(
            "fidediff_job_stalled_seconds", .gauge, "Since the running job that is longest without progress made some.",
            context.pool.attempts.stalledSeconds())
        text.family(
            "fidediff_hung_threads", .gauge, "Workers' threads that were written off.", Double(context.pool.attempts.writtenOffCount))
        text.family("fidediff_queue_limit", .gauge, "Jobs that may wait.", Double(context.jobs.maxQueued))
        if let totals = try? context.jobs.totals() { write(totals, to: &text) }
        text.family("fidediff_event_streams", .gauge, "Clients that follow a job by server-sent events.", Double(context.events.count))
        if let free = try? context.blobs.freeBytes() {
            text.family("fidediff_disk_free_bytes", .gauge, "Free bytes where the pictures lie.", Double(free))
        }
        context.metrics.current.write(to: &text)
        text.family(
            "fidediff_log_lines_dropped_total", .counter, "Log lines that came faster than they were read.",
            Double(LogWriter.standardError.droppedLines))
        write(ProcessStatistics.read(), to: &text)
        return Response(
            status: .ok, fields: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"], body: .data(Data(text.text.utf8)))
    }

    private func write(_ totals: JobStore.Totals, to text: inout PrometheusText) {
        text.family("fidediff_queue_depth", .gauge, "Jobs that wait.", Double(totals.jobs[.queued] ?? 0))
        text.family(
            "fidediff_jobs", .gauge, "Stored jobs, by state.",
            JobState.allCases.map {
                ([("state", $0.rawValue)], Double(totals.jobs[$0] ?? 0))
            })
        text.family(
            "fidediff_stored_bytes", .gauge, "Bytes of stored pictures.",
            [
                ([("kind", "input")], Double(totals.inputBytes)), ([("kind", "output")], Double(totals.outputBytes)),
            ])
        text.family("fidediff_webhooks_pending", .gauge, "Webhooks that have not arrived yet.", Double(totals.pendingWebhooks))
    }

    private func write(_ process: ProcessStatistics, to text: inout PrometheusText) {
        if let bytes = process.residentBytes {
            text.family("process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", Double(bytes))
        }
        if let bytes = process.virtualBytes {
            text.family("process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", Double(bytes))
        }
        if let files = process.openFiles { text.family("process_open_fds", .gauge, "Open file descriptors.", Double(files)) }
        if let seconds = process.cpuSeconds {
            text.family("process_cpu_seconds_total", .counter, "Processor time spent in seconds.", seconds)
        }
        text.family(
            "process_start_time_seconds", .gauge, "Start of the service since the Unix epoch in seconds.",
            context.metrics.startedAt.timeIntervalSince1970)
    }
}
