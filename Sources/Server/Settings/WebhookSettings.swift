/// What an operator chooses about webhooks.
public struct WebhookSettings: Sendable, Equatable {
    /// Sign the webhooks of jobs without an API key; without one, such jobs may have no webhook.
    public var secrets: [WebhookSecret] = []
    /// Also post to private, loopback, link-local and otherwise special addresses.
    public var allowsPrivateAddresses = false
    /// Pause before each further attempt; after the last the webhook is given up. 10 attempts in three days.
    public var retrySeconds: [Double] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    /// Seconds for one attempt, from the name to the last byte of the answer.
    public var timeoutSeconds = 20.0
    /// PEM file of the authorities that https is checked against; nil = the system's.
    public var authoritiesFile: String?

    public init() {}

    /// Beyond the time of an attempt, for what comes before and after it.
    static let leaseMarginSeconds = 30.0

    /// Nothing that was put off is due later than this.
    var longestPauseSeconds: Double {
        max((retrySeconds.max() ?? 0) * 1.1, timeoutSeconds + Self.leaseMarginSeconds) + 1
    }

    /// After the attempt of this number, from 1 on: how long until the next, spread by up to a tenth so that receivers that come back do
    /// not meet all at once; nil = there is none.
    /// - Parameter spread: -1...1
    func pauseSeconds(afterAttempt attempt: Int, spread: Double) -> Double? {
        guard retrySeconds.indices.contains(attempt - 1) else { return nil }
        return retrySeconds[attempt - 1] * (1 + spread / 10)
    }
}
