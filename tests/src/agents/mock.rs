//! The API on loopback: answers by the script, and keeps what it served.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response as HttpResponse};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::runtime;
use tokio::sync::oneshot;

use super::protocol::{Protocol, Response};
use super::script::Script;
use super::served::Served;

/// A running API; it ends with its owner.
#[derive(Debug)]
pub struct Mock {
    address: SocketAddr,
    script: Script,
    kept: Arc<Mutex<Kept>>,
    /// Dropping it stops the server.
    _stop: oneshot::Sender<Infallible>,
}

/// What is remembered of the requests.
#[derive(Debug, Default)]
struct Kept {
    run: String,
    served: Vec<Served>,
    received: Vec<Value>,
}

impl Mock {
    /// Starts it.
    ///
    /// # Errors
    /// When nothing can be listened to on the loopback interface.
    pub fn start(script: Script) -> Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port on loopback")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let kept = Arc::new(Mutex::new(Kept::default()));
        let api = Router::new().fallback(answer).with_state(Api { script, kept: Arc::clone(&kept) });
        let (stop, stopped) = oneshot::channel::<Infallible>();
        let runtime = runtime::Builder::new_current_thread().enable_io().build()?;
        thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                axum::serve(listener, api).with_graceful_shutdown(async { drop(stopped.await) }).await
            })
        });
        Ok(Self { address, script, kept, _stop: stop })
    }

    /// Its address, with `path` behind it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it answers by.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// What is served from now on belongs to the run of this name.
    pub fn begin(&self, run: &str) {
        run.clone_into(&mut lock(&self.kept).run);
    }

    /// What was served so far.
    pub fn served(&self) -> Vec<Served> {
        lock(&self.kept).served.clone()
    }

    /// Everything that was asked, to be looked at: method, path and body.
    pub fn received(&self) -> Vec<Value> {
        lock(&self.kept).received.clone()
    }
}

#[derive(Clone)]
struct Api {
    script: Script,
    kept: Arc<Mutex<Kept>>,
}

/// A thread that panicked leaves figures that are as good as any.
fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(api): State<Api>, method: Method, uri: Uri, body: Bytes) -> HttpResponse {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut kept = lock(&api.kept);
    let run = kept.run.clone();
    kept.received.push(json!({ "run": run, "method": method.as_str(), "path": uri.to_string(), "body": body }));
    let path = uri.path();
    let protocol = match Protocol::of_path(path) {
        Some(protocol) if method == Method::POST => protocol,
        _ => return beside(path),
    };
    let ask = protocol.ask(path, &body);
    let (answer, unlogged) = api.script.answer(&ask);
    let number = u32::try_from(kept.served.len()).unwrap_or(u32::MAX);
    let tokens = protocol.tokens(number);
    let response = Response { id: protocol.id(number), model: ask.model.clone(), answer, tokens };
    let by_subagent = (api.script.by_subagent)(&ask);
    kept.served.push(Served { id: response.id.clone(), model: ask.model, tokens, run, by_subagent, unlogged });
    if ask.streamed {
        let events = protocol.streamed(&response).into_iter().map(Ok::<_, Infallible>);
        ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(stream::iter(events))).into_response()
    } else {
        json_of(&protocol.whole(&response))
    }
}

/// What else agents ask of an API: how many tokens a prompt has, which models there are.
fn beside(path: &str) -> HttpResponse {
    if path.ends_with("count_tokens") || path.ends_with(":countTokens") {
        json_of(&json!({ "input_tokens": 1_000, "totalTokens": 1_000 }))
    } else if path.ends_with("/models") {
        json_of(&json!({ "object": "list", "data": [], "models": [] }))
    } else {
        (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "application/json")], json!({ "error": {} }).to_string())
            .into_response()
    }
}

fn json_of(value: &Value) -> HttpResponse {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
