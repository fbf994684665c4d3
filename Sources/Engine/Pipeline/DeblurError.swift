/// Why a picture was not deblurred, besides `ImageError` (the picture) and `ModelError` (the model).
public enum DeblurError: Error, Equatable, Sendable {
    /// The caller's progress closure asked to stop, by throwing this.
    case cancelled
    /// A value became infinite or NaN; `stage` is the first one seen with it, by the names of the parity stages.
    case numericalFault(stage: String)
}
