import ArgumentParser
import Engine

/// As --metadata spells it, and the interface's `metadata`: keep, strip or strip-gps.
extension MetadataPolicy: ExpressibleByArgument {}
