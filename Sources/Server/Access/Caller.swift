import Storage

/// Who sent a request.
enum Caller: Sendable, Equatable {
    /// The service asks for no keys: everybody sees everything.
    case anyone
    case key(AccessKey)

    /// Marks the jobs of this caller, and limits lists to them; nil = no limit.
    var keyID: String? {
        switch self {
        case .anyone: nil
        case .key(let key): key.id
        }
    }

    func maySee(_ job: Job) -> Bool {
        keyID == nil || job.context.keyID == keyID
    }
}
