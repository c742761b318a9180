//! How the server is reached: its Service, and the hosts and origins that MLflow then has to allow.

use super::names::{Component, Names};
use super::server::{PORT, PORT_NAME};
use crate::values::{ServiceType, Values};
use chartwright::{Release, Val, text};
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

/// What MLflow allows by itself, which a list of one's own replaces: this machine and private addresses. Kubelets and
/// Prometheus come by a pod's address.
///
/// MLflow takes a pattern like `172.16.*` for addresses only, and one with brackets for names as well, so the sixteen
/// networks are written out: `172.16.evil.example` must not get in.
const PRIVATE: &str = "localhost,localhost:*,127.0.0.1:*,[[]::1]:*,10.*,192.168.*,172.16.*,172.17.*,172.18.*,172.19.*,\
    172.20.*,172.21.*,172.22.*,172.23.*,172.24.*,172.25.*,172.26.*,172.27.*,172.28.*,172.29.*,172.30.*,172.31.*";

/// The server's Service.
pub fn service(v: &Values, names: &Names) -> Service {
    let settings = &v.service;
    let by_node = settings.r#type.is(ServiceType::NodePort) & settings.node_port.is_set();
    Service {
        metadata: ObjectMeta {
            annotations: settings.annotations.non_empty(),
            ..names.meta(&names.fullname, Component::Server)
        },
        spec: Some(ServiceSpec {
            type_: Some(settings.r#type.select(|kind| {
                String::from(match kind {
                    ServiceType::ClusterIP => "ClusterIP",
                    ServiceType::NodePort => "NodePort",
                    ServiceType::LoadBalancer => "LoadBalancer",
                })
            })),
            selector: Some(names.selector_labels(Component::Server)),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.into()),
                port: settings.port.get(),
                target_port: Some(IntOrString::String(PORT_NAME.into())),
                node_port: by_node.then(|| settings.node_port.or(PORT).get()),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// Hosts that a request may be for: private addresses, the Service's names, any host on the node port, and those of
/// the values; each with and without a port.
pub(super) fn allowed_hosts(v: &Values, names: &Names, release: &Release) -> Val<String> {
    let service = &names.fullname;
    let dns = release.named(
        "serviceHosts",
        "Every name that the Service has inside the cluster, with and without a port.",
        || {
        let (name, namespace, domain) = (service.get(), release.namespace.get(), v.cluster_domain.get());
        text(format!(
            "{name},{name}:*,{name}.{namespace},{name}.{namespace}:*,{name}.{namespace}.svc,{name}.{namespace}.svc:*,\
             {name}.{namespace}.svc.{domain},{name}.{namespace}.svc.{domain}:*"
        ))
    });
    release.named(
        "allowedHosts",
        "Hosts that a request may be for: this machine, private addresses, the Service's names, any host on the \
         node port, and server.allowedHosts. MLflow takes `172.16.*` for addresses only, so the private networks \
         are written out.",
        || {
            let hosts = &v.server.allowed_hosts;
            let further = text(format!(",{},{}:*", hosts.join(",").get(), hosts.join(":*,").get()));
            let further = hosts.is_not_empty().pick(further, "");
            let by_node = on_node_port(v, release, ",*:");
            text(format!("{PRIVATE},{}{}{}", dns.get(), by_node.get(), further.get()))
        },
    )
}

/// Origins whose pages may call the API: the UI's own, under every host that it can be reached by from a browser.
pub(super) fn cors_origins(v: &Values, names: &Names, release: &Release) -> Val<String> {
    release.named(
        "corsOrigins",
        "Origins whose pages may call the API: MLflow's own page under every address that it can be reached by, \
         and server.corsOrigins.",
        || {
            let (name, namespace) = (names.fullname.get(), release.namespace.get());
            let domain = v.cluster_domain.get();
            let hosts = &v.server.allowed_hosts;
            let further = text(format!(
                ",http://{},http://{}:*,https://{},https://{}:*",
                hosts.join(",http://").get(),
                hosts.join(":*,http://").get(),
                hosts.join(",https://").get(),
                hosts.join(":*,https://").get(),
            ));
            let further = hosts.is_not_empty().pick(further, "");
            let by_node = on_node_port(v, release, ",http://*:");
            let origins = &v.server.cors_origins;
            let origins = origins
                .is_not_empty()
                .pick(text(format!(",{}", origins.join(",").get())), "");
            text(format!(
                "http://localhost:*,http://127.0.0.1:*,http://{name}:*,http://{name}.{namespace}:*,\
             http://{name}.{namespace}.svc:*,http://{name}.{namespace}.svc.{domain}:*{}{}{}",
                by_node.get(),
                further.get(),
                origins.get()
            ))
        },
    )
}

/// What begins like this and ends in the node port, where there is one.
fn on_node_port(v: &Values, release: &Release, beginning: &str) -> Val<String> {
    let port = &v.service.node_port;
    let number = release.named(
        "nodePort",
        "The node port; where Kubernetes chooses it, a pattern for all that it can choose: 30000 to 32767.",
        || port.is_set().pick(text(format!("{}", port.or(0).get())), "3[0-2]???"),
    );
    let whole = text(format!("{beginning}{}", number.get()));
    v.service.r#type.is(ServiceType::NodePort).pick(whole, "")
}
