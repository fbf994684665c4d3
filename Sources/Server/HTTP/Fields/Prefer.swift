/// RFC 7240: how the client would like to be answered. What is unknown or malformed is ignored, as section 2 asks;
/// of a preference given twice the first counts.
public struct Prefer: Sendable, Equatable {
    public let respondAsync: Bool  // section 4.1
    public let waitSeconds: Int?  // section 4.3

    /// - Parameter field: all Prefer lines joined by commas.
    public init(_ field: String) {
        var scanner = FieldValueScanner(field)
        var respondAsync = false
        var wait: String??  // outer nil: not seen yet
        repeat {
            scanner.skipWhitespace()
            guard let name = scanner.token() else { continue }
            let value = scanner.take("=") ? scanner.word() : nil
            guard Self.skipParameters(&scanner) else { break }
            switch name.lowercased() {
            case "respond-async": respondAsync = true
            case "wait" where wait == nil: wait = .some(value)
            default: break
            }
        } while scanner.take(",")
        self.respondAsync = respondAsync
        waitSeconds = wait.flatMap { $0 }.flatMap { digits in
            digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
        }
    }

    /// Section 2: `*( OWS ";" [ OWS parameter ] )`, where a parameter need not have a value.
    private static func skipParameters(_ scanner: inout FieldValueScanner) -> Bool {
        while scanner.take(";") {
            guard scanner.token() != nil else { continue }
            if scanner.take("="), scanner.word() == nil { return false }
        }
        return true
    }
}
