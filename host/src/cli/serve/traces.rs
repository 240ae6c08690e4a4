//! Traces by OTLP: where they go, and how many of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;

use crate::cli::config::{TraceSettings, collector};

/// How long a collector may take for a batch. Spans that come meanwhile wait in a queue of
/// bounded length, and are dropped when that is full.
const PATIENCE: Duration = Duration::from_secs(10);

/// What sends spans to a collector.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// None: they are not wanted. To be called within the runtime that is to send them.
    ///
    /// # Errors
    /// The collector's URL is none.
    pub(super) fn start(settings: &TraceSettings) -> anyhow::Result<Option<Self>> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(None);
        };
        let url = collector(endpoint).map_err(anyhow::Error::msg)?;
        let connector = connector(url.scheme() == "https").context("traces.endpoint")?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client {
                inner: HyperClient::new(connector, PATIENCE, None),
                runtime: Handle::current(),
            })
            .with_endpoint(endpoint)
            .build()
            .context("traces.endpoint")?;
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .build();
        #[allow(
            clippy::cast_precision_loss,
            reason = "one in so many that it matters is none"
        )]
        let share = 1.0 / settings.one_in.max(1) as f64;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(
                share,
            ))))
            .with_resource(resource)
            .build();
        Ok(Some(Self(provider)))
    }

    /// What makes spans of those of `tracing`.
    pub(super) fn tracer(&self) -> SdkTracer {
        self.0.tracer("pgiris")
    }

    /// Sends what has not been sent. Blocks.
    pub(super) fn end(&self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// What connects to a collector. One that is encrypted must have a certificate that an authority has signed which the machine
/// trusts.
fn connector(is_encrypted: bool) -> anyhow::Result<HttpsConnector<HttpConnector>> {
    let mut roots = RootCertStore::empty();
    if is_encrypted {
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = roots.add_parsable_certificates(found.certs);
        if added == 0 {
            bail!("this machine trusts no authority that could have signed a certificate");
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = HttpsConnectorBuilder::new().with_tls_config(config);
    Ok(builder.https_or_http().enable_http1().build())
}

/// Batches are sent by a thread without a runtime; what sends them needs one.
#[derive(Clone, Debug)]
struct Client {
    inner: HyperClient<HttpsConnector<HttpConnector>>,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let inner = self.inner.clone();
        self.runtime
            .spawn(async move { inner.send_bytes(request).await })
            .await?
    }
}
