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
/// e to the power of `x`.
public func exponential(_ x: Double) -> Double { exp(x) }
/// `x` to the power of `y`.
public func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
/// The sine of an angle in radians.
public func sine(_ x: Double) -> Double { sin(x) }
/// The cosine of an angle in radians.
public func cosine(_ x: Double) -> Double { cos(x) }
/// The tangent of an angle in radians.
public func tangent(_ x: Double) -> Double { tan(x) }
/// The angle in [-pi/2, pi/2] with this sine.
public func arcsine(_ x: Double) -> Double { asin(x) }
/// The angle in [0, pi] with this cosine.
public func arccosine(_ x: Double) -> Double { acos(x) }
/// The angle in (-pi, pi] of the point (x, y).
public func arctangent(y: Double, x: Double) -> Double { atan2(y, x) }
/// The complementary error function, `1 - erf(x)`.
public func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }
