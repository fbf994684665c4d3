import Engine
import Foundation

/// An error as one line for a person at a terminal.
package enum FailureText {
    package static func of(_ error: any Error) -> String {
        switch error {
        case DeblurError.numericalFault(let stage):
            "the model gave values that are not finite in stage \(stage)"
        case let error as CocoaError where error.isFileError:
            "cannot be read or written: \(error.localizedDescription)"
        default:
            "\(error)"
        }
    }
}
