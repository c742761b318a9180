//! `mlflow-kube`: renders the stack natively, as `helm template` would from the chart.

use chartwright::ReleaseInfo;
use chartwright::values::Inputs;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// MLflow on Kubernetes, without Helm.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Render the objects of a release, as `helm template` with the same flags.
    Template(Template),
    /// Print the default values, documented.
    Values,
    /// Print the JSON schema of the values.
    Schema,
}

#[derive(Args)]
struct Template {
    /// Name of the release.
    #[arg(default_value = "release-name")]
    name: String,
    /// A file of values, `-` is the standard input; may be repeated, later ones win.
    #[arg(short = 'f', long = "values", value_name = "FILE", value_delimiter = ',')]
    files: Vec<PathBuf>,
    /// A value, `server.replicas=3`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// A value that stays a string.
    #[arg(long, value_name = "PATH=VALUE")]
    set_string: Vec<String>,
    /// A value as JSON.
    #[arg(long, value_name = "PATH=JSON")]
    set_json: Vec<String>,
    /// A value that is the text of a file.
    #[arg(long, value_name = "PATH=FILE")]
    set_file: Vec<String>,
    /// A value that is all that follows the `=`.
    #[arg(long, value_name = "PATH=TEXT")]
    set_literal: Vec<String>,
    /// Namespace of the release.
    #[arg(short, long, default_value = "default")]
    namespace: String,
    /// Kubernetes version to render for.
    #[arg(long, value_name = "VERSION")]
    kube_version: Option<String>,
    /// APIs that the cluster serves besides Kubernetes' own.
    #[arg(short, long, value_name = "API", value_delimiter = ',')]
    api_versions: Vec<String>,
    /// Render as for an upgrade of a release that is there.
    #[arg(long)]
    is_upgrade: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Template(template) => template.run(),
        Command::Values => mlflow_kube::chart().values_yaml().map_err(|error| error.to_string()),
        Command::Schema => schema(),
    };
    match done {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn schema() -> Result<String, String> {
    let chart = mlflow_kube::chart();
    let schema = chart.schema().map_err(|error| error.to_string())?;
    serde_json::to_string_pretty(schema)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}

impl Template {
    fn run(self) -> Result<String, String> {
        let inputs = Inputs {
            files: self.files.iter().map(read).collect::<Result<_, _>>()?,
            set: self.set,
            set_string: self.set_string,
            set_json: self.set_json,
            set_file: self.set_file,
            set_literal: self.set_literal,
        };
        let default = ReleaseInfo::default();
        let info = ReleaseInfo {
            name: self.name,
            namespace: self.namespace,
            is_upgrade: self.is_upgrade,
            kube_version: self.kube_version.unwrap_or(default.kube_version),
            api_versions: self.api_versions,
            alias: None,
        };
        let rendered = mlflow_kube::chart()
            .render(&inputs, &info)
            .map_err(|error| error.to_string())?;
        Ok(rendered.to_yaml())
    }
}

/// The name and the text of a file of values.
fn read(path: &PathBuf) -> Result<(String, String), String> {
    let name = path.display().to_string();
    let text = match name.as_str() {
        "-" => std::io::read_to_string(std::io::stdin()),
        _ => std::fs::read_to_string(path),
    };
    match text {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(format!(
            "-f {name}: cannot read the file ({error}); name a file of values that is there"
        )),
    }
}
