//! How many pods there are: the autoscaler, and the budget for disruptions.

use super::names::{Component, Names};
use crate::values::Values;
use chartwright::When;
use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// The objects that decide on the number of pods.
#[derive(Clone, Debug)]
pub struct Scaling {
    /// More pods under load, fewer without.
    pub autoscaler: When<HorizontalPodAutoscaler>,
    /// How many may be down at a time while nodes are drained.
    pub disruption_budget: When<PodDisruptionBudget>,
}

impl Scaling {
    /// What the values say of the number of pods.
    pub fn new(v: &Values, names: &Names) -> Self {
        let scaling = &v.autoscaling;
        let autoscaler = scaling.enabled.when(|| HorizontalPodAutoscaler {
            metadata: names.meta(&names.fullname, Component::Server),
            spec: Some(HorizontalPodAutoscalerSpec {
                scale_target_ref: CrossVersionObjectReference {
                    api_version: Some("apps/v1".into()),
                    kind: "Deployment".into(),
                    name: names.fullname.get(),
                },
                min_replicas: Some(scaling.min_replicas.get()),
                max_replicas: scaling.max_replicas.get(),
                metrics: Some(vec![MetricSpec {
                    type_: "Resource".into(),
                    resource: Some(ResourceMetricSource {
                        name: "cpu".into(),
                        target: MetricTarget {
                            type_: "Utilization".into(),
                            average_utilization: Some(scaling.target_cpu_utilization_percentage.get()),
                            ..MetricTarget::default()
                        },
                    }),
                    ..MetricSpec::default()
                }]),
                behavior: scaling.behavior.non_empty(),
            }),
            ..HorizontalPodAutoscaler::default()
        });
        // One pod alone would keep a node from ever being drained, were it not allowed to go.
        let disruption_budget = v.pod_disruption_budget.enabled.when(|| PodDisruptionBudget {
            metadata: names.meta(&names.fullname, Component::Server),
            spec: Some(PodDisruptionBudgetSpec {
                max_unavailable: Some(IntOrString::Int(v.pod_disruption_budget.max_unavailable.get())),
                selector: Some(names.selector(Component::Server)),
                ..PodDisruptionBudgetSpec::default()
            }),
            ..PodDisruptionBudget::default()
        });
        Self {
            autoscaler,
            disruption_budget,
        }
    }
}
