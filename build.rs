//! Writes the chart.
fn main() {}
