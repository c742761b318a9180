//! What the client logged, in a real browser.

use crate::bench::Bench;
use crate::client::Client;
use crate::command::{Outcome, Run};
use crate::tools::project;
use std::env;
use std::path::Path;

/// The pages of the experiments, of a run, and of a registered model; pictures of them are left in cargo's folder.
pub fn shows(bench: &Bench, client: &Client, run: &str) -> Outcome {
    let browser = env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
    if Run::new(browser.as_str()).args(["--version"]).text().is_err() {
        bench.step(&format!(
            "SKIPPED: the pages in a browser, since there is no {browser}; CHROMIUM can name one"
        ));
        return Ok(());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    bench.step(&format!("Chromium opens the pages; pictures in {}", folder.display()));
    let text = Run::new(&bench.tools.python)
        .args([project().join("tests/cluster/browser.py").as_os_str()])
        .args([client.url(), run])
        .args([folder.as_os_str()])
        .env("CHROMIUM", browser)
        .within(400)
        .text()?;
    text.lines().for_each(|line| bench.step(line));
    Ok(())
}
