#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's elementary functions under full names, so that no other file imports it for them.

/// The natural logarithm.
public func logarithm(_ x: Double) -> Double { log(x) }
