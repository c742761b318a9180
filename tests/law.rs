//! The law: for every valid values file, real Helm and the native rendering give the same objects.

use chartwright::testing;

/// Branches that no valid values take, each with the reason.
const UNREACHABLE: &[(&str, &str)] = &[(
    "templates/server/artifacts-pvc.yaml: given: .Values.artifacts.pvc.existingClaim",
    "the volume is made only where no claim is named",
)];

/// The defaults, every preset, and 2,000 random cases; `LAW_CASES=100000` for as many as that, and then every branch
/// of every template must have been taken as well.
#[test]
fn law() {
    let checked = testing::law(&mlflow_kube::chart()).cases(2_000).check();
    if checked.cases >= 100_000 {
        let reasoned = |branch: &String| UNREACHABLE.iter().any(|(start, _)| branch.starts_with(start));
        let untaken = checked
            .untaken()
            .map(ToString::to_string)
            .filter(|branch| !reasoned(branch));
        assert_eq!(
            untaken.collect::<Vec<_>>(),
            Vec::<String>::new(),
            "no case takes these branches"
        );
    }
}

/// The law notices damaged templates; see docs/law.md.
#[test]
#[ignore = "takes long; MUTATE says how many damages are tried, 300 unless told"]
fn damages_are_noticed() {
    let wanted = std::env::var("MUTATE").map_or(300, |text| text.parse().expect("MUTATE is a number"));
    let verdicts = testing::law(&mlflow_kube::chart()).cases(500).seed(1).damage(wanted);
    println!("{verdicts}");
    assert!(verdicts.score() >= 99.0, "too many damages survive");
}
