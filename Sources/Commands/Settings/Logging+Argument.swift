import ArgumentParser
import Logging
import Server

// The values of --log-level and --log-format.
extension Logger.Level: @retroactive ExpressibleByArgument {}
extension LogFormat: ExpressibleByArgument {}
