import Storage

/// The counts as Prometheus reads them. deploy/grafana-dashboard.json shows them; a test holds the two against each other.
extension Metrics.Counts {
    /// HTTP, jobs, webhooks and retention, in this order.
    func write(to text: inout PrometheusText) {
        writeHTTP(to: &text)
        text.family(
            "fidediff_jobs_settled_total", .counter, "Jobs that ended, by state.",
            JobState.allCases.filter(\.isFinal).map {
                ([("state", $0.rawValue)], Double(settled[$0] ?? 0))
            })
        text.family("fidediff_jobs_reused_total", .counter, "Succeeded jobs whose output another job had already.", Double(reused))
        text.family(
            "fidediff_jobs_postponed_total", .counter, "Attempts given back since disk, memory or database failed.", Double(postponed))
        text.family("fidediff_jobs_rescued_total", .counter, "Jobs taken back from a worker that hung.", Double(rescued))
        text.histograms("fidediff_job_wait_seconds", "Time from acceptance to the first attempt.", [([], waitSeconds)])
        text.histograms("fidediff_job_run_seconds", "Time of the last attempt.", [([], runSeconds)])
        text.histograms(
            "fidediff_stage_seconds", "Time of each stage of a succeeded job.",
            stageSeconds.sorted { $0.key < $1.key }.map {
                ([("stage", $0.key)], $0.value)
            })
        text.histograms("fidediff_predicted_timestep", "Blur level t that the model saw, 0 to 999.", [([], timesteps)])
        text.family(
            "fidediff_jobs_expired_total", .counter, "Jobs that retention removed, by the bound that they were beyond.",
            ExpiredJob.Reason.allCases.map { ([("reason", $0.rawValue)], Double(expired[$0] ?? 0)) })
        text.family(
            "fidediff_webhook_attempts_total", .counter, "Attempts to deliver a webhook, by what came of them.",
            Metrics.WebhookOutcome.allCases.map { ([("outcome", $0.rawValue)], Double(webhookAttempts[$0] ?? 0)) })
    }

    private func writeHTTP(to text: inout PrometheusText) {
        func labels(_ key: Metrics.RouteKey) -> PrometheusText.Labels { [("method", key.method), ("route", key.route)] }
        func precedes(_ left: Metrics.RouteKey, _ right: Metrics.RouteKey) -> Bool {
            (left.route, left.method) < (right.route, right.method)
        }
        text.family(
            "fidediff_http_requests_total", .counter, "Answers, by method, template of the route and status.",
            answers.sorted { precedes($0.key.route, $1.key.route) || ($0.key.route == $1.key.route && $0.key.status < $1.key.status) }.map {
                (labels($0.key.route) + [("status", String($0.key.status))], Double($0.value))
            })
        text.histograms(
            "fidediff_http_request_seconds", "Time from the end of a request to its answer.",
            answerSeconds.sorted { precedes($0.key, $1.key) }.map { (labels($0.key), $0.value) })
        text.family("fidediff_http_received_bytes_total", .counter, "Bytes of request bodies.", Double(receivedBytes))
        text.family("fidediff_http_sent_bytes_total", .counter, "Bytes of response bodies.", Double(sentBytes))
        text.family(
            "fidediff_http_turned_away_total", .counter, "Connections ended for want of room, by the reason.",
            TurnedAway.allCases.map { ([("reason", $0.rawValue)], Double(turnedAway[$0] ?? 0)) })
    }
}
