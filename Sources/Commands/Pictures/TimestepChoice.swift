import ArgumentParser

/// The blur level to assume, as --timestep spells it: `auto`, which leaves it to the model, or 0...999.
package struct TimestepChoice: ExpressibleByArgument, Equatable {
    /// nil = auto.
    package let timestep: Int?

    package init(timestep: Int?) {
        self.timestep = timestep
    }

    package init?(argument: String) {
        if argument == "auto" {
            timestep = nil
        } else if let value = Int(argument), (0...999).contains(value) {
            timestep = value
        } else {
            return nil
        }
    }

    package var defaultValueDescription: String { timestep.map(String.init) ?? "auto" }
}
