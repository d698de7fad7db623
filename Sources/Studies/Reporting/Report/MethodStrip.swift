import FoundationEssentials
import Volumes

/// The steps of the method as pictures with captions, in a row that wraps.
enum MethodStrip {
  /// All figures; nil without one.
  static func section(_ figures: [MethodFigure]) -> Markup? {
    guard !figures.isEmpty else { return nil }
    let items = figures.enumerated().map { place, figure -> Markup in
      let encoded = Markup(
        trusted: "data:image/png;base64,"
          + Data(PNG.encode(figure.picture)).base64EncodedString())
      // A montage is wide and needs the whole row to be seen.
      let isWide = figure.picture.width > 2 * figure.picture.height
      return """
        <li\(isWide ? " class=\"wide\"" as Markup : "")><figure>
        <img src="\(encoded)" width="\(figure.picture.width)" height="\(figure.picture.height)" \
        alt="\(figure.caption.isEmpty ? figure.title : figure.caption)">
        <figcaption><b>\(place + 1). \(figure.title)</b> \(figure.caption)</figcaption>
        </figure></li>
        """
    }
    return """
      <ol class="strip">
      \(items)
      </ol>
      """
  }
}
