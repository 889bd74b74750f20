//! Calls to the router as a client makes them, and worlds to call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use serde_json::Value;
use serve_api::World;
use tower::ServiceExt as _;
use within24::app::tokens::{Wanted as WantedToken, make};
use within24::domain::alias::Alias;
use within24::domain::deed::By;
use within24::domain::endpoint::{Endpoint, EndpointUrl, SigningSecret, Wanted};
use within24::domain::key::Key;
use within24::domain::message::{Fact, Message, MessageKind};
use within24::domain::store::{Store, StoreId};
use within24::domain::thread::{Status, Thread, ThreadId};
use within24::domain::token::{RANDOM_BYTES, Reach, Role, Scopes};
use within24::lambda::api::{Edge, Limit, Part, whole};
use within24::ports::{Change, Commit, EndpointChange, Handle, ReadHoldings};
use within24::testing::{CallQueue, Memory};

/// The thread of [`world`], which is that of the document's examples.
pub(crate) const THREAD: &str = "01kk22s3907r832mr580w9";

/// The endpoints of [`world`], which are those of the document's examples.
pub(crate) const SHOWN: &str = "https://hooks.example.com/within24";
pub(crate) const DELETED: &str = "https://crm.example.com/hooks/within24";

pub(crate) fn now() -> Timestamp {
    "2026-03-07T17:00:00Z".parse().unwrap()
}

pub(crate) fn store(name: &str) -> Store {
    let address = format!("messages@inbox.{name}.example");
    Store::new(StoreId::parse(name).unwrap(), &address, &address)
}

/// An edge where time stands still, chance counts up, and nobody asks too much.
pub(crate) fn edge() -> Edge {
    let count = AtomicU8::new(100);
    Edge {
        now: Arc::new(now),
        random: Arc::new(move |bytes: &mut [u8]| bytes.fill(count.fetch_add(1, Ordering::Relaxed))),
        measure: Arc::new(|_| {}),
        limit: Limit {
            a_second: 1e6,
            at_once: 1e6,
        },
    }
}

/// The API of all functions, on this world; files lie in memory.
pub(crate) fn router<W: World + ReadHoldings>(world: &Arc<W>) -> Router {
    router_at(world, edge())
}

/// The same at another edge.
pub(crate) fn router_at<W: World + ReadHoldings>(world: &Arc<W>, edge: Edge) -> Router {
    whole(parts(world, &edge), edge)
}

/// The operations of all functions.
pub(crate) fn parts<W: World + ReadHoldings>(world: &Arc<W>, edge: &Edge) -> [Part; 2] {
    let (bucket, queue) = (Arc::new(Memory::default()), Arc::new(CallQueue::default()));
    [
        serve_api::part(Arc::clone(world), Arc::clone(&bucket), queue, edge.clone()),
        erase_buyer::part(Arc::clone(world), bucket, edge.clone()),
    ]
}

/// A waiting thread of the store, with one message.
pub(crate) async fn open_thread<W: Commit>(world: &W, store: &Store, id: &str, at: Timestamp) -> Thread {
    let alias = Alias::parse(&format!("b{id}@marketplace.amazon.co.uk")).unwrap();
    let mut thread = Thread::open(store.id.clone(), alias, &Key::of(&[id]), at);
    thread.id = ThreadId::parse(id).unwrap();
    thread.buyer_name = Some("Rosalind Peverell".into());
    thread.subject = Some("A question of Rosalind's".into());
    thread.last_buyer_at = at;
    thread.wait(Some(at), Status::NeedsResponse, store);
    let message = Message {
        key: Key::of(&["message", id]),
        thread: thread.id.clone(),
        at,
        by: None,
        kind: MessageKind::Buyer,
        mail: None,
        automatic: false,
        text: Some("The lamp flickers from the second day on.".into()),
        message_id: None,
        raw: Some(format!("mail/{id}")),
        attachments: 0,
        fact: Some(Fact::Waiting),
        failed: false,
    };
    let changes = vec![
        Change::Message(Box::new(message), store.id.clone(), thread.buyer.clone()),
        Change::Handle(Handle::Thread(thread.id.clone()), Box::new(thread.clone())),
        Change::Thread(Box::new(thread.clone())),
    ];
    world.commit(changes).await.unwrap();
    thread
}

/// Two stores; a thread and two endpoints in the first.
pub(crate) async fn world() -> Arc<Memory> {
    let world = Arc::new(Memory::default());
    for name in ["kontorhaus", "lampenhaus"] {
        world.put_store(store(name));
    }
    open_thread(
        &*world,
        &store("kontorhaus"),
        THREAD,
        "2026-03-06T17:23:00Z".parse().unwrap(),
    )
    .await;
    for (path, seed) in [(SHOWN, 7), (DELETED, 8)] {
        let url = EndpointUrl::parse(path).unwrap();
        let endpoint = Endpoint::new(StoreId::parse("kontorhaus").unwrap(), url, Wanted::default(), now());
        let secret = SigningSecret::of(&[seed; 32]).unwrap();
        let key = EndpointChange::FirstKey(endpoint.store.clone(), endpoint.id.clone(), secret);
        let made = [EndpointChange::Put(Box::new(endpoint)), key].map(Change::Endpoint);
        world.commit(made.into()).await.unwrap();
    }
    world
}

/// A token, made as the command makes the first one; `seed` makes its id.
pub(crate) async fn token<W: World>(world: &W, seed: u8, name: &str, scopes: &[(&str, Role)]) -> String {
    let wanted = WantedToken {
        name: name.into(),
        scopes: scopes
            .iter()
            .map(|(reach, role)| (Reach::parse(reach).unwrap(), *role))
            .collect(),
        ends_at: None,
    };
    let by = By {
        token: None,
        name: "command".into(),
    };
    let all = Scopes::everywhere(Role::Admin);
    let made = make(world, wanted, &all, &by, &[seed; RANDOM_BYTES], now()).await;
    made.unwrap().1.reveal()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// A call in the making.
pub(crate) struct Call<'a> {
    router: &'a Router,
    request: axum::http::request::Builder,
    body: Body,
}

pub(crate) fn call<'a>(router: &'a Router, method: &str, path: &str) -> Call<'a> {
    Call {
        router,
        request: Request::builder().method(method).uri(path),
        body: Body::empty(),
    }
}

impl Call<'_> {
    pub(crate) fn by(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub(crate) fn raw(self, kind: &str, body: impl Into<Body>) -> Self {
        let mut call = self.header("content-type", kind);
        call.body = body.into();
        call
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }
}

/// The path of the thread's sub-resource.
pub(crate) fn of_thread(rest: &str) -> String {
    format!("/v1/stores/kontorhaus/threads/{THREAD}{rest}")
}
