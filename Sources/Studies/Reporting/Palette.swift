public import Volumes

/// The colours of labels.
///
/// Seven colours, bright enough for gray CT, that people with colour vision deficiencies tell apart too:
/// between any two the CIEDE2000 difference is at least 16 in normal vision and in simulated protanopia,
/// deuteranopia and tritanopia (matrices of Machado, Oliveira and Fernandes, *A physiologically-based
/// model for simulation of color vision deficiency*, IEEE TVCG 15, 2009). Labels beyond take the same
/// hues darker, then paler; more than 21 labels in one picture cannot be told apart by colour and share.
public enum Palette {
  /// Orange, cyan, green, lime, blue, vermilion, violet.
  static let base: [Color] = [
    Color(255, 166, 0), Color(100, 248, 238), Color(63, 150, 122), Color(219, 249, 184),
    Color(142, 176, 255), Color(204, 83, 17), Color(122, 93, 245),
  ]

  /// The colour of a label id; the same id has the same colour in every picture.
  public static func color(of label: UInt16) -> Picture.Color {
    let index = Int(label) - 1
    guard index >= 0 else { return .gray(128) }
    let color = base[index % base.count]
    switch index / base.count % 3 {
    case 0: return color
    case 1: return color.mixed(with: .gray(0), part: 0.35)
    default: return color.mixed(with: .gray(255), part: 0.55)
    }
  }

  /// The colour in which a prediction of the label is outlined: the label's own, paler, so that it
  /// stays readable on top of the reference.
  public static func predictionColor(of label: UInt16) -> Picture.Color {
    color(of: label).mixed(with: .gray(255), part: 0.7)
  }
}
