import Testing

/// Tests that start a process or a server and stop it at some moment: beside tests that keep all cores busy,
/// the moment would be missed. `make test` runs them apart, one after another: `--filter 'RunAlone/'`.
@Suite(.serialized) enum RunAlone {}
