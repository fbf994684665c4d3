import Engine
import Foundation

/// Predicted timesteps, counted: by bins, by words, and their middle.
///
/// Pure.
struct BlurLevelDistribution: Sendable, Encodable {
    struct Bin: Sendable, Encodable, Equatable {
        /// The lowest timestep of the bin, which is in it.
        let minTimestep: Int
        let maxTimestep: Int
        let jobs: Int

        private enum CodingKeys: String, CodingKey {
            case jobs
            case minTimestep = "min_timestep"
            case maxTimestep = "max_timestep"
        }
    }

    struct Level: Sendable, Encodable, Equatable {
        /// The word that `BlurLevel` has for the level.
        let description: String
        let jobs: Int
    }

    let jobs: Int
    /// The mean timestep of the jobs; nil where there are none.
    let mean: Double?
    let median: Int?
    /// The bins from the first to the last that is not empty, without gaps.
    let bins: [Bin]
    /// How many jobs each word has, from sharp on, those with none among them.
    let levels: [Level]

    /// - Parameters:
    ///   - counts: jobs by timestep, 0...999
    ///   - bin: timesteps in each bin
    init(counts: [Int: Int], bin: Int) {
        let total = counts.values.reduce(0, +)
        jobs = total
        mean = total == 0 ? nil : Double(counts.reduce(0) { $0 + $1.key * $1.value }) / Double(total)
        // The lower of the two in the middle.
        var seen = 0
        median = counts.keys.sorted().first { timestep in
            seen += counts[timestep] ?? 0
            return seen * 2 >= total
        }
        let byBin = counts.reduce(into: [Int: Int]()) { $0[$1.key / bin, default: 0] += $1.value }
        if let first = byBin.keys.min(), let last = byBin.keys.max() {
            bins = (first...last).map {
                Bin(minTimestep: $0 * bin, maxTimestep: min(($0 + 1) * bin - 1, JobOptions.timesteps.upperBound), jobs: byBin[$0] ?? 0)
            }
        } else {
            bins = []
        }
        let byWord = counts.reduce(into: [String: Int]()) { $0[BlurLevel(timestep: $1.key).description, default: 0] += $1.value }
        var words: [String] = []
        for timestep in JobOptions.timesteps where words.last != BlurLevel(timestep: timestep).description {
            words.append(BlurLevel(timestep: timestep).description)
        }
        levels = words.map { Level(description: $0, jobs: byWord[$0] ?? 0) }
    }

    private enum Key: String, CodingKey {
        case jobs, mean, median, bins, levels
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(jobs, forKey: .jobs)
        try members.encode(mean, forKey: .mean)
        try members.encode(median, forKey: .median)
        try members.encode(bins, forKey: .bins)
        try members.encode(levels, forKey: .levels)
    }
}
