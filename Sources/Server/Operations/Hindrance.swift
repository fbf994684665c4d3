/// What keeps a running service from taking pictures, besides that it starts or stops.
enum Hindrance: Error {
    /// The last write to database or pictures failed, or a page of the database is damaged.
    case lastWrite(any Error)
    case noAnswer(any Error)
    case workers(String)
    case fullDisk(freeBytes: Int, neededBytes: Int)

    /// The same for as long as it is the same trouble: its numbers may be others each time.
    var name: String {
        switch self {
        case .lastWrite: "last write"
        case .noAnswer: "no answer"
        case .workers: "workers"
        case .fullDisk: "full disk"
        }
    }

    /// For the log, which may have the store's own words.
    var reason: String {
        switch self {
        case .lastWrite(let error), .noAnswer(let error): "\(error)"
        case .workers, .fullDisk: problem.detail
        }
    }

    var problem: Problem {
        switch self {
        case .lastWrite: Problem(.notReady, "the last write to the store failed, or the database is damaged; the log has the reason")
        case .noAnswer: Problem(.notReady, "the store does not answer")
        case .workers(let trouble): Problem(.notReady, trouble)
        case .fullDisk(let free, let needed):
            Problem(
                .notReady, "the disk has \(free) bytes free, the largest picture needs \(needed)", limit: needed, measured: free,
                whatToDo: ProblemType.diskFull.whatToDo)
        }
    }
}
