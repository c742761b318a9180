//! Tools that render the chart again and again see no difference: what `docs/gitops.md` promises.

use chartwright::{testing::helm, values::Inputs};
use serde_json::Value as Json;
use std::path::Path;

/// Functions of Helm's templates that give another result each time, or that of the cluster that is asked.
const IMPURE: &str = "ago bcrypt date dateInZone encryptAES env expandenv genCA genCAWithKey genPrivateKey \
    genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey getHostByName htmlDate \
    htpasswd lookup now randAlpha randAlphaNum randAscii randBytes randInt randNumeric uuidv4";

/// What is another for an upgrade than for an installation; Argo CD knows no upgrades.
const OF_THE_RELEASE: [&str; 3] = ["IsInstall", "IsUpgrade", "Revision"];

#[test]
fn templates_are_pure() {
    let traced = mlflow_kube::chart().trace().unwrap();
    for (name, text) in traced.files().iter().filter(|(name, _)| name.starts_with("templates/")) {
        for action in text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
            // What is in quotes is text.
            let code = action.split('"').step_by(2);
            for word in code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric())) {
                assert!(
                    !IMPURE.split(' ').any(|impure| impure == word) && !OF_THE_RELEASE.contains(&word),
                    "{name} uses {word}: {action}"
                );
            }
        }
    }
}

#[test]
fn renders_the_same_each_time() {
    for preset in ["", "values/seed.yaml", "values/laptop.yaml", "values/production.yaml"] {
        let render = |flags: &[&str]| {
            let values = ["--values", preset];
            let values = if preset.is_empty() { &[][..] } else { &values };
            let output = helm::run([&["template", "mlflow", "charts-out/mlflow"], values, flags].concat()).unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let first = render(&[]);
        assert!(first == render(&[]), "{preset}: another rendering differs");
        assert!(
            first == render(&["--is-upgrade"]),
            "{preset}: an upgrade renders differently"
        );
    }
}

/// The manifests of the document have the values of the seed preset, and this version.
#[test]
fn document_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seed = read(include_str!("../values/seed.yaml"));
    let document = std::fs::read_to_string(root.join("docs/gitops.md")).unwrap();
    let blocks = document
        .split("```yaml\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    let manifests: Vec<Json> = blocks.flat_map(|block| block.split("---\n")).map(read).collect();
    let of = |kind: &str| manifests.iter().find(|manifest| manifest["kind"] == kind).unwrap();
    assert_eq!(of("Application")["spec"]["source"]["helm"]["valuesObject"], seed);
    assert_eq!(of("HelmRelease")["spec"]["values"], seed);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(of("Application")["spec"]["source"]["targetRevision"], version);
    let range = of("OCIRepository")["spec"]["ref"]["semver"].as_str().unwrap();
    assert!(
        version.starts_with(range.trim_end_matches('x')),
        "{range} is not of {version}"
    );
}

fn read(yaml: &str) -> Json {
    Inputs::file("docs/gitops.md", yaml).read().unwrap().value
}
