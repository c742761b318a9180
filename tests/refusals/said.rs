//! What Helm says, in essence: without what differs between its versions 3 and 4, and between machines.

/// How a line begins that names a value which does not fit the schema.
pub const VALUE: &str = "does not fit the schema: ";

/// The essential lines of an error of Helm.
///
/// Of the schema, the paths of the values, for the words are those of a library. Of the chart's own refusals, every
/// word. Of all else, what is wrong and with which file or flag.
pub fn in_essence(stderr: &str) -> String {
    let lines: Vec<&str> = stderr
        .lines()
        .map(|line| line.strip_prefix("Error: ").unwrap_or(line))
        .map(|line| line.strip_prefix("release name check failed: ").unwrap_or(line))
        .filter(|line| !line.trim().is_empty() && !is_log(line))
        .collect();
    let mut essence: Vec<String> = match lines.first() {
        Some(first) if first.contains("meet the specifications of the schema(s)") => {
            let mut paths: Vec<String> = lines.iter().flat_map(|line| misfits(line)).collect();
            paths.sort();
            paths.dedup();
            paths
        }
        _ => lines
            .iter()
            .map(|line| line.replace("cannot unmarshal yaml document: ", ""))
            .collect(),
    };
    if let Some(first) = essence.first_mut() {
        // `execution error at (mlflow/templates/validate.yaml:120:4): …`: the line changes with the chart.
        if let Some((_, refused)) = first
            .split_once("validate.yaml:")
            .and_then(|(_, rest)| rest.split_once("): "))
        {
            *first = refused.into();
        }
    }
    essence.into_iter().map(|line| line + "\n").collect()
}

fn is_log(line: &str) -> bool {
    ["level=", "time=", "coalesce.go:", "Use --debug flag"]
        .iter()
        .any(|log| line.starts_with(log))
}

/// The values that a line of a schema's error is about: `- at '/server': additional properties 'a', 'b' not allowed`.
fn misfits(line: &str) -> Vec<String> {
    let Some((pointer, what)) = line
        .trim()
        .strip_prefix("- at '")
        .and_then(|rest| rest.split_once("': "))
    else {
        return Vec::new();
    };
    let above: Vec<String> = pointer.split('/').skip(1).map(|name| name.replace("~1", "/")).collect();
    if let Some(name) = what.strip_prefix("invalid propertyName ") {
        // Of these Helm's library gives any path, or none: the name is all that can be relied on.
        return vec![format!("does not fit the schema, a name: {name}")];
    }
    if pointer.is_empty() && !what.contains("propert") {
        return Vec::new(); // why the name does not fit
    }
    let keys: Vec<&str> = match what {
        _ if what.contains("additional propert") || what.contains("missing propert") => {
            what.split('\'').skip(1).step_by(2).collect()
        }
        _ => vec![""],
    };
    keys.into_iter()
        .map(|key| format!("{VALUE}{}", path(above.iter().map(String::as_str).chain([key]))))
        .collect()
}

fn path<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut path = String::new();
    for name in names.filter(|name| !name.is_empty()) {
        if name.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{name}]"));
        } else if name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
            path.push_str(if path.is_empty() { "" } else { "." });
            path.push_str(name);
        } else {
            path.push_str(&format!("[{name:?}]"));
        }
    }
    path
}
