//! Traces by OTLP: where they go, and how many of them.

use std::time::Duration;

use anyhow::{Context, bail};
use async_trait::async_trait;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use tokio::runtime::Handle;

use crate::cli::config::TraceSettings;

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
        if !endpoint.starts_with("http://") {
            bail!(
                "traces.endpoint is `{endpoint}`; spans are sent to a collector by http://, \
                 as http://localhost:4318/v1/traces"
            );
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client {
                inner: HyperClient::with_default_connector(PATIENCE, None),
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

/// Batches are sent by a thread without a runtime; what sends them needs one.
#[derive(Clone, Debug)]
struct Client {
    inner: HyperClient,
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
