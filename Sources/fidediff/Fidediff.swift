import ArgumentParser
import Server

/// The program `fidediff` and its commands.
@main
struct Fidediff: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fidediff",
        abstract: "Removes motion blur from photographs with a single-step diffusion model.",
        version: Version.current,
        subcommands: [
            ServeCommand.self, DeblurCommand.self, BlurLevelCommand.self, ModelCommand.self, KeyCommand.self, CheckCommand.self,
            BackupCommand.self, HealthCommand.self, BenchCommand.self,
        ])
}
