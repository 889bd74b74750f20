//! A data folder in this process, where no server runs on it: the same router, without a port.

use anyhow::Result;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use within24::domain::alert::OperatorLanguage;
use within24::lambda::api::Limit;

use super::system::Answer;
use crate::serve::folder::{DataFolder, Lock};
use crate::serve::site::Site;
use crate::serve::{admin_token, http};

/// Who works in his own process waits for nobody.
const NO_LIMIT: Limit = Limit {
    a_second: f64::MAX,
    at_once: f64::MAX,
};

/// The folder, opened.
pub(super) struct Here {
    runtime: Runtime,
    site: Arc<Site>,
    router: Router,
    token: String,
    /// Held until the end.
    _lock: Lock,
}

impl Here {
    /// Opens the folder, which is ours by this lock.
    ///
    /// # Errors
    /// Where this machine fails.
    pub(super) fn open(data: &DataFolder, lock: Lock) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let (site, token) = runtime.block_on(async {
            let site = Site::open(data, OperatorLanguage::default()).await?;
            let token = admin_token(data, site.table()).await?;
            anyhow::Ok((Arc::new(site), token))
        })?;
        Ok(Self {
            router: http::router(&site, NO_LIMIT),
            runtime,
            site,
            token: token.revealed,
            _lock: lock,
        })
    }

    /// The token that may do everything here.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Answers a request, and sends at once what it put into the outbox.
    ///
    /// # Errors
    /// Where this machine fails.
    pub(super) fn ask(&self, request: Request<Vec<u8>>) -> Result<Answer> {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request.map(Body::from)).await?;
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), usize::MAX).await?;
            self.site.send_pending().await;
            Ok(Answer::new(status, body.into()))
        })
    }

    /// Computes the numbers anew, which a server does by itself.
    pub(super) fn roll_up(&self) {
        self.runtime.block_on(self.site.roll_up_if_due());
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        self.site.rest();
    }
}
