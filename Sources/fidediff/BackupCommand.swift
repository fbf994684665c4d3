import ArgumentParser
import Commands
import Foundation
import Server
import Storage

/// `fidediff backup`.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the data folder of a service, which may go on working.",
        discussion: """
            The copy is a data folder itself: `fidediff serve --data COPY` serves it, `fidediff check --data COPY` verifies it. It has its name \
            only once it is whole. The exit code is 1 when the service's own folder lacks pictures; the copy is made all the same.
            """)

    @Argument(help: ArgumentHelp("Folder to make.", valueName: "copy"), completion: .directory)
    var target: String

    @OptionGroup var dataChoice: DataChoice

    func run() throws {
        let folder = try DataFolder(dataChoice.directory())
        let backup = try Backup.make(
            of: folder.directory, folder.jobs, folder.blobs, to: URL(fileURLWithPath: target, isDirectory: true))
        print("\(target): \(backup.jobs) jobs, \(backup.files) pictures, \(backup.bytes) bytes")
        for name in backup.missing { print("missing  \(name)") }
        if !backup.missing.isEmpty { throw ExitCode.failure }
    }
}
