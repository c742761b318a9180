//! The proof of the proof: templates are damaged in many small ways, and the law must notice.
//!
//! A damage that changes nothing of what Helm renders, in any case, is no damage. For that, Helm's own output with and
//! without it is compared as plain YAML data, and not as the law compares: exactly, without Kubernetes' types.

use super::bench::{BATCH, Bench, Source};
use super::case::{Circumstances, Given};
use super::compare::{difference, says_all};
use super::coverage::Coverage;
use super::helm::{NOTES, Texts, Umbrella};
use crate::error::{Error, Result};
use crate::rendered::Rendered;
use crate::values;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One damage to one template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// The file of the chart.
    pub file: String,
    /// The line, counted from one.
    pub line: usize,
    /// What was done: `drops quote`.
    pub what: &'static str,
    /// The line before.
    pub before: String,
    /// The line after; `None` where it was removed.
    pub after: Option<String>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after = self.after.as_deref().unwrap_or_default();
        write!(
            f,
            "{}:{} {}: `{}` -> `{}`",
            self.file,
            self.line,
            self.what,
            self.before.trim(),
            after.trim()
        )
    }
}

/// What the law said to each damage.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// It noticed these.
    pub caught: Vec<Damage>,
    /// Helm rendered something else, and the law did not notice.
    pub survived: Vec<Damage>,
    /// Helm rendered the same in every case.
    pub invisible: Vec<Damage>,
}

impl Verdicts {
    /// How many of a hundred visible damages were caught.
    pub fn score(&self) -> f64 {
        let visible = self.caught.len() + self.survived.len();
        100.0 * self.caught.len() as f64 / visible.max(1) as f64
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} damages caught, {} survived, {} invisible: {:.1} % of the visible",
            self.caught.len(),
            self.survived.len(),
            self.invisible.len(),
            self.score()
        )?;
        self.survived
            .iter()
            .try_for_each(|damage| write!(f, "\n  survived: {damage}"))?;
        self.invisible
            .iter()
            .try_for_each(|damage| write!(f, "\n  invisible: {damage}"))
    }
}

/// What is put in the place of what, one occurrence at a time.
const REPLACED: &[(&str, &str, &str)] = &[
    (" | quote", "", "drops quote"),
    ("int64 ", "", "drops int64"),
    ("toYaml ", "", "drops toYaml"),
    ("toJson ", "", "drops toJson"),
    ("toString", "quote", "quotes twice"),
    ("{{- ", "{{ ", "drops a trim"),
    ("and ", "or ", "and -> or"),
    ("or ", "and ", "or -> and"),
    ("eq ", "ne ", "eq -> ne"),
    ("ne ", "eq ", "ne -> eq"),
    ("gt ", "lt ", "gt -> lt"),
    ("lt ", "gt ", "lt -> gt"),
    ("add ", "sub ", "add -> sub"),
    ("not ", "", "drops not"),
    ("with ", "if ", "with -> if"),
    ("true", "false", "true -> false"),
    ("false", "true", "false -> true"),
    (".Values.", ".Valuez.", "another root"),
    ("include ", "print ", "drops include"),
    (" | trimSuffix \"-\"", "", "drops trimSuffix"),
    (" | sha256sum", "", "drops sha256sum"),
    ("omit ", "pick ", "omit -> pick"),
];

/// All damages to these templates, each once.
pub(super) fn damages<'a>(files: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Damage> {
    let mut all = BTreeSet::new();
    for (file, text) in files {
        if file.starts_with("templates/") {
            for (number, line) in text.lines().enumerate() {
                for (what, after) in of_line(line) {
                    all.insert(Damage {
                        file: file.clone(),
                        line: number + 1,
                        what,
                        before: line.into(),
                        after,
                    });
                }
            }
        }
    }
    all.into_iter().collect()
}

fn of_line(line: &str) -> Vec<(&'static str, Option<String>)> {
    let mut all = Vec::new();
    if line.trim().is_empty() || line.trim_start().starts_with("{{- /*") {
        return all;
    }
    let structural = line.trim_start().starts_with("{{- ") && !line.contains("nindent");
    if !structural {
        all.push(("removes the line", None));
        all.push(("indents", Some(format!("  {line}"))));
        if let Some(less) = line.strip_prefix("  ") {
            all.push(("dedents", Some(less.into())));
        }
    }
    for (from, to, what) in REPLACED {
        for (at, _) in line.match_indices(from) {
            // A word is a whole word: `and `, not the end of `brand `.
            let inside = from.starts_with(char::is_alphabetic) && line[..at].ends_with(char::is_alphanumeric);
            if !inside {
                all.push((*what, Some(format!("{}{to}{}", &line[..at], &line[at + from.len()..]))));
            }
        }
    }
    if let Some((before, condition)) = line.split_once("if ")
        && let Some(condition) = condition.strip_suffix(" }}")
    {
        all.push(("negates", Some(format!("{before}if not ({condition}) }}}}"))));
        all.push(("always", Some(format!("{before}if true }}}}"))));
        all.push(("never", Some(format!("{before}if false }}}}"))));
    }
    if let Some(at) = line.find(" | nindent ") {
        all.push(("drops nindent", Some(format!("{} }}}}", &line[..at]))));
    }
    for (at, digits) in numbers(line) {
        let next = digits.parse::<u64>().map(|n| (n + 1).to_string()).unwrap_or_default();
        all.push((
            "another number",
            Some(format!("{}{next}{}", &line[..at], &line[at + digits.len()..])),
        ));
    }
    for (at, _) in line.match_indices('"').skip(1).step_by(2) {
        all.push(("another text", Some(format!("{}x{}", &line[..at], &line[at..]))));
    }
    // A plain text: the value of a key, or an item.
    if !line.contains("{{") && line.ends_with(char::is_alphanumeric) && !line.ends_with(char::is_numeric) {
        all.push(("another text", Some(format!("{line}x"))));
    }
    all
}

/// Where the numbers of a line are: not within words.
fn numbers(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    for run in line.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let word = line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !digits.is_empty() && digits.len() < 10 && !word {
            found.push((at, &line[at..at + digits.len()]));
        }
        at += run.len();
    }
    found
}

/// Cases that damages are tried on, and what Helm makes of them without any.
struct Trial {
    circumstances: Circumstances,
    given: Vec<Given>,
    natives: Vec<Rendered>,
    texts: Vec<Texts>,
    /// A case that the chart refuses: with the native reasons, and all that Helm says.
    refused: Option<(Given, Error, String)>,
}

enum Verdict {
    Caught,
    Survived,
    Invisible,
}

/// Tries `wanted` of the damages, evenly spread, on the cases that a run of the law with this seed draws.
///
/// What survives those is tried on as many cases again, of another seed: where Helm's data is the same in them all, the
/// damage is invisible.
pub(super) fn try_all<V>(bench: &Bench<'_, V>, seed: u64, cases: usize, wanted: usize) -> Result<Verdicts>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let all = damages(&bench.files);
    let step = all.len().div_ceil(wanted.max(1)).max(1);
    let chosen: Vec<&Damage> = all.iter().step_by(step).collect();
    let source = bench.source()?;
    let umbrella = bench.umbrella(BATCH)?;
    let trials = |seed: u64| -> Result<Vec<Trial>> {
        let numbers = 0..cases.div_ceil(BATCH);
        numbers
            .map(|number| trial(bench, &source, &umbrella, seed, number))
            .collect()
    };
    let (law, more) = (trials(seed)?, trials(!seed)?);
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(Verdicts::default());
    let worker = || -> Result<()> {
        while let Some(damage) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            let verdict = judge(bench, damage, &law, &more)?;
            let mut verdicts = verdicts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let list = match verdict {
                Verdict::Caught => &mut verdicts.caught,
                Verdict::Survived => &mut verdicts.survived,
                Verdict::Invisible => &mut verdicts.invisible,
            };
            list.push((*damage).clone());
            let done = verdicts.caught.len() + verdicts.survived.len() + verdicts.invisible.len();
            if done.is_multiple_of(50) {
                eprintln!(
                    "{done} of {} damages tried, {} survived",
                    chosen.len(),
                    verdicts.survived.len()
                );
            }
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    Ok(verdicts.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()))
}

fn trial<V>(bench: &Bench<'_, V>, source: &Source, umbrella: &Umbrella, seed: u64, number: usize) -> Result<Trial>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let batch = bench.draw(source, seed, number, BATCH, &mut Coverage::default())?;
    let refused = match batch.refused() {
        None => None,
        Some(given) => {
            let native = bench.native(&batch.circumstances, &given, 0, None);
            let helm = bench.umbrella(1)?.template(&batch.circumstances, &[&given], false)?;
            native.err().zip(helm.err()).map(|(native, helm)| (given, native, helm))
        }
    };
    let (given, natives): (Vec<Given>, Vec<Rendered>) =
        batch.cases.into_iter().map(|drawn| (drawn.given, drawn.native)).unzip();
    let texts = umbrella.template(&batch.circumstances, &given.iter().collect::<Vec<_>>(), false)?;
    Ok(Trial {
        texts: texts.map_err(|said| Error::trace("helm template", said))?,
        circumstances: batch.circumstances,
        given,
        natives,
        refused,
    })
}

fn judge<V>(bench: &Bench<'_, V>, damage: &Damage, law: &[Trial], more: &[Trial]) -> Result<Verdict>
where
    V: Serialize + DeserializeOwned + JsonSchema + Default + 'static,
{
    let files = damaged(&bench.files, damage);
    let whole = bench.umbrella_of(&files, BATCH)?;
    let one = bench.umbrella_of(&files, 1)?;
    let mut visible = false;
    for (trial, is_law) in law
        .iter()
        .map(|trial| (trial, true))
        .chain(more.iter().map(|trial| (trial, false)))
    {
        let given: Vec<&Given> = trial.given.iter().collect();
        let Ok(texts) = whole.template(&trial.circumstances, &given, false)? else {
            // Helm fails: the law notices that; only beyond its own cases would it have missed it.
            return Ok(if is_law { Verdict::Caught } else { Verdict::Survived });
        };
        for ((native, before), after) in trial.natives.iter().zip(&trial.texts).zip(&texts) {
            let mut shown = before.iter().filter(|(file, _)| files.contains_key(&template(file)));
            visible |= shown.any(|(file, text)| after.get(file).is_none_or(|after| !same_data(file, text, after)));
            let here = native.only(|file| files.contains_key(&template(file)));
            if is_law && difference(&here, after).is_some() {
                return Ok(Verdict::Caught);
            }
        }
        if let Some((given, native, before)) = trial
            .refused
            .as_ref()
            .filter(|_| damage.file.ends_with("validate.yaml"))
        {
            let after = one
                .template(&trial.circumstances, &[given], false)?
                .err()
                .unwrap_or_default();
            visible |= after != *before;
            if is_law && !says_all(&after, native) {
                return Ok(Verdict::Caught);
            }
        }
        if visible && !is_law {
            break;
        }
    }
    Ok(if visible { Verdict::Survived } else { Verdict::Invisible })
}

/// Whether two documents say the same, white space and quotes aside, which no object has.
fn same_data(file: &str, before: &str, after: &str) -> bool {
    let data = |text: &str| values::read(text, file).map(|document| document.value).ok();
    before == after || data(before).is_some_and(|before| data(after) == Some(before))
}

/// The chart with the damage, and of its other templates only those that are needed to see it.
fn damaged(files: &BTreeMap<String, String>, damage: &Damage) -> BTreeMap<String, String> {
    let shared = damage.file.ends_with(".tpl");
    let needed =
        |file: &str| shared || !file.starts_with("templates/") || file.ends_with(".tpl") || file == damage.file;
    let mut files: BTreeMap<String, String> = files
        .iter()
        .filter(|(file, _)| needed(file))
        .map(|(file, text)| (file.clone(), text.clone()))
        .collect();
    if let Some(text) = files.get_mut(&damage.file) {
        let lines = text
            .lines()
            .enumerate()
            .filter_map(|(number, line)| match &damage.after {
                after if number + 1 == damage.line => after.as_deref(),
                _ => Some(line),
            });
        *text = lines.map(|line| format!("{line}\n")).collect();
    }
    files
}

/// The path of the template that an object or the notes come from.
fn template(file: &str) -> String {
    match file {
        NOTES => "templates/NOTES.txt".into(),
        file => format!("templates/{file}.yaml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damages_of_a_line() {
        let all: Vec<String> = of_line("  port: {{ int64 .Values.port | quote }}")
            .into_iter()
            .map(|(what, after)| format!("{what}: {}", after.unwrap_or_default()))
            .collect();
        let expected = [
            "removes the line: ",
            "indents:     port: {{ int64 .Values.port | quote }}",
            "dedents: port: {{ int64 .Values.port | quote }}",
            "drops quote:   port: {{ int64 .Values.port }}",
            "drops int64:   port: {{ .Values.port | quote }}",
            "another root:   port: {{ int64 .Valuez.port | quote }}",
        ];
        assert_eq!(all, expected);
        let all: Vec<&str> = of_line("{{- if and .Values.a (eq .Values.b \"c\") }}")
            .into_iter()
            .map(|(what, _)| what)
            .collect();
        let expected = [
            "drops a trim",
            "and -> or",
            "eq -> ne",
            "another root",
            "another root",
            "negates",
            "always",
            "never",
            "another text",
        ];
        assert_eq!(all, expected);
        let all: Vec<&str> = of_line("  labels: {{- include \"a\" . | nindent 4 }}")
            .into_iter()
            .map(|(what, _)| what)
            .collect();
        assert!(
            all.contains(&"drops nindent") && all.contains(&"another number"),
            "{all:?}"
        );
    }
}
