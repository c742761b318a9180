//! Secrets: where they must not be seen, and that they are kept.

use crate::bench::Bench;
use crate::command::{Outcome, ensure};
use crate::kube::{self, text};
use crate::release::Release;
use serde_json::Value;
use std::collections::BTreeMap;

/// Secret values by `Secret/key`, as Kubernetes has them: in base64.
pub type Kept = BTreeMap<String, String>;

/// The content of all Secrets, but for Helm's memory of the release.
pub fn kept(bench: &Bench) -> Outcome<Kept> {
    let secrets = kube::list(bench, "secrets")?;
    let opaque = secrets.iter().filter(|secret| text(secret, "/type") == "Opaque");
    Ok(opaque.flat_map(entries).collect())
}

fn entries(secret: &Value) -> Vec<(String, String)> {
    let name = text(secret, "/metadata/name");
    let data = secret["data"].as_object().into_iter().flatten();
    data.map(|(key, value)| (format!("{name}/{key}"), value.as_str().unwrap_or_default().into()))
        .collect()
}

/// No password and no key is in an argument of a process, in the description of a pod, or in what Helm remembers.
pub fn unseen(bench: &Bench, release: &Release) -> Outcome {
    let spellings = spellings(&kept(bench)?)?;
    let named: Vec<_> = spellings.keys().map(String::as_str).collect();
    bench.step(&format!("not to be seen: {}", named.join(", ")));
    let mut places = command_lines(bench)?;
    places.push((
        "the pods' descriptions".into(),
        bench.kubectl(["get", "pods", "-o", "json"]).text()?,
    ));
    places.push(("what Helm remembers".into(), release.remembered()?));
    for (place, seen) in &places {
        for (secret, spellings) in &spellings {
            ensure(!spellings.iter().any(|spelling| seen.contains(spelling)), || {
                format!("{secret} can be read in {place}")
            })?;
        }
    }
    Ok(())
}

/// The ways in which each secret can be written: as it is, in base64, and as part of a URL.
fn spellings(kept: &Kept) -> Outcome<BTreeMap<String, Vec<String>>> {
    let secret = |name: &str| {
        ["PASS", "SECRET", "KEY", "password"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut spellings = BTreeMap::new();
    for (name, base64) in kept.iter().filter(|(name, _)| secret(name)) {
        let bytes = decode(base64).ok_or_else(|| format!("{name} is not base64"))?;
        ensure(bytes.len() >= 8, || format!("{name} has fewer than 8 characters"))?;
        let plain = String::from_utf8_lossy(&bytes).into_owned();
        let url = bytes.iter().map(|&byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        });
        let in_json = Value::from(plain.as_str()).to_string();
        let in_json = in_json.trim_matches('"').to_owned();
        spellings.insert(name.clone(), vec![url.collect(), plain, in_json, base64.clone()]);
    }
    ensure(!spellings.is_empty(), || "there is no Secret with a password".into())?;
    Ok(spellings)
}

/// The arguments of all processes, by pod and container.
fn command_lines(bench: &Bench) -> Outcome<Vec<(String, String)>> {
    let mut lines = Vec::new();
    for pod in kube::workload_pods(bench)? {
        let containers = "jsonpath={.spec.containers[*].name}";
        let containers = bench
            .kubectl(["get", "pod", &pod.name, "--output", containers])
            .text()?;
        for container in containers.split(' ') {
            // A process may end between its being listed and its being read, so the status says nothing; that the
            // shell sees itself says that all went well.
            let show = "cat /proc/[0-9]*/cmdline; true";
            let exec = ["exec", &pod.name, "--container", container, "--", "sh", "-c", show];
            let said = bench.kubectl(exec).said()?.out;
            ensure(said.contains(show), || {
                format!("the processes of {}/{container} could not be read: {said:?}", pod.name)
            })?;
            lines.push((format!("the processes of {}/{container}", pod.name), said));
        }
    }
    Ok(lines)
}

/// Base64, decoded.
fn decode(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut bytes) = (0u32, 0, Vec::new());
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&known| known == letter)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}
