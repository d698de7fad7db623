import Testing
import Training

@Suite struct TrainingProgressTests {
  @Test("epochs and steps of the trainer become progress")
  func follows() throws {
    var tracker = ProgressTracker(epochs: 10, steps: 20)
    #expect(
      tracker.take(try #require(DriverEvent(line: #"{"event": "step", "epoch": 1, "step": 5}"#))))
    #expect(tracker.current.epoch == 1)
    #expect(tracker.current.step == 5)
    #expect(!tracker.current.endsEpoch)
    let line = #"""
      {"event": "epoch", "epoch": 1, "epochs": 10, "iterations": 20, "train_loss": 0.5,
       "validation_loss": NaN, "pseudo_dice": [0.25, NaN, 0.75], "seconds": 30.0}
      """#
    #expect(tracker.take(try #require(DriverEvent(line: line))))
    let progress = tracker.current
    #expect(progress.endsEpoch)
    #expect(progress.trainLoss == 0.5)
    #expect(progress.validationLoss?.isNaN == true)
    #expect(progress.meanDice == 0.5)
    #expect(progress.step == 20)
    #expect(progress.epochCosts == Array(repeating: 1, count: 10))
    #expect(
      tracker.take(try #require(DriverEvent(line: #"{"event": "step", "epoch": 2, "step": 10}"#))))
    #expect(tracker.current.step == 10)
    #expect(tracker.current.trainLoss == 0.5)
    #expect(!tracker.take(try #require(DriverEvent(line: #"{"event": "other"}"#))))
  }

  @Test("coarse epochs at the beginning cost less than those that follow")
  func coarse() throws {
    var tracker = ProgressTracker(epochs: 4, steps: 10)
    let line = #"{"event": "step", "epoch": 1, "step": 5, "coarse_epochs": 2}"#
    #expect(tracker.take(try #require(DriverEvent(line: line))))
    #expect(tracker.current.epochCosts == [0.2, 0.2, 1, 1])
  }

  @Test("a killed training leaves half a line, which is passed over")
  func history() {
    let text = """
      {"event": "epoch", "epoch": 1, "epochs": 3, "iterations": 5, "train_loss": 0.9, "seconds": 2}
      {"event": "epoch", "epoch": 2, "epochs": 3, "iterations": 5, "train_loss": 0.8, "seconds": 2}
      {"event": "epoch", "epo
      """
    let history = ProgressTracker.history(text)
    #expect(history.map(\.epoch) == [1, 2])
    #expect(history.last?.trainLoss == 0.8)
  }
}
