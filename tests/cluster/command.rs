//! Programs that are run, each with a time limit, and what their failures say.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A result whose error is a text for the reader of the test's output.
pub type Outcome<T = ()> = Result<T, String>;

/// An error, with this text, unless the condition holds.
pub fn ensure(condition: bool, text: impl FnOnce() -> String) -> Outcome {
    if condition { Ok(()) } else { Err(text()) }
}

/// A program to run.
#[derive(Debug)]
pub struct Run {
    program: OsString,
    args: Vec<OsString>,
    envs: Vec<(&'static str, String)>,
    input: Option<Vec<u8>>,
    limit: Duration,
}

/// What a program said, and whether it succeeded.
#[derive(Debug)]
pub struct Said {
    /// Whether it ended with status 0.
    pub success: bool,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Run {
    /// The program, without arguments, for at most a minute.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            envs: Vec::new(),
            input: None,
            limit: Duration::from_secs(60),
        }
    }

    /// With further arguments.
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// With an environment variable.
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.envs.push((name, value.into()));
        self
    }

    /// With this as standard input.
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// For at most so many seconds.
    pub fn within(mut self, seconds: u64) -> Self {
        self.limit = Duration::from_secs(seconds);
        self
    }

    /// Its standard output; an error when it fails.
    pub fn text(self) -> Outcome<String> {
        let line = self.line();
        let said = self.said()?;
        if said.success {
            return Ok(said.out);
        }
        Err(format!(
            "`{line}` failed:\n{}\n{}",
            said.out.trim_end(),
            said.err.trim_end()
        ))
    }

    /// What it said, whether it succeeded or not.
    pub fn said(self) -> Outcome<Said> {
        let line = self.line();
        let mut child = Command::new(&self.program)
            .args(&self.args)
            .envs(self.envs)
            .stdin(if self.input.is_some() {
                Stdio::piped()
            } else {
                Stdio::null()
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{line}` did not start: {error}"))?;
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        if let (Some(input), Some(mut stdin)) = (self.input, child.stdin.take()) {
            // A program that ends early closes its end; its status says why.
            let _ = stdin.write_all(&input);
        }
        let status = wait(&mut child, self.limit).map_err(|error| format!("`{line}`: {error}"))?;
        let said = Said {
            success: status.is_some_and(|s| s.success()),
            out: text(out),
            err: text(err),
        };
        match status {
            Some(_) => Ok(said),
            None => {
                let seconds = self.limit.as_secs();
                Err(format!(
                    "`{line}` did not end within {seconds} s:\n{}\n{}",
                    said.out, said.err
                ))
            }
        }
    }

    /// The command as it would be typed, nearly.
    fn line(&self) -> String {
        let words = std::iter::once(&self.program).chain(&self.args);
        words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }
}

/// The status; nothing when the time is over, and the program ended.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// Reads a pipe to its end, so that the program never waits for us.
fn reader(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// What was read; bytes that are no UTF-8 are shown as such.
fn text(reader: JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned()
}
