#[path = "src/lib.rs"]
mod stack;

fn main() -> std::process::ExitCode {
    mlflow_kube::chartwright::build_script(&stack::chart())
}
