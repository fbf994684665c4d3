/// The version of this program (semver.org): MAJOR.MINOR.PATCH. CHANGELOG.md says what each brought. `fidediff --version`, /readyz,
/// /metrics, each answer's `Server` field and each job take it from here; openapi.yaml, CITATION.cff and the Dockerfile repeat it, which
/// VersionTests holds to it.
public enum Version {
    public static let current = "0.2.0"

    /// The product as the field Server has it (RFC 9110 section 10.2.4).
    static let product = "fidediff/" + current
}
