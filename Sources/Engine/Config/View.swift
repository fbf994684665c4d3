/// A picture restored in several orientations and averaged (the geometric self-ensemble of Lim et al. 2017, section 3.4): U's convolutions
/// know left from right and up from down, and what they err by in each orientation is partly other errors.
enum View {
    /// The numbers of views that a configuration or a user may ask for.
    static let counts = [1, 2, 4, 8]

    /// The first `count`: upright, turned by a half, by quarters, and mirrored.
    static func orientations(_ count: Int) -> ArraySlice<Orientation> {
        [.up, .rotated180, .rotated90, .rotated270, .mirrored, .flipped, .transposed, .transversed].prefix(count)
    }
}
