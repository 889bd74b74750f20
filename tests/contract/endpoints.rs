//! Contracts of endpoints, their secrets and the calls to them.

use jiff::{SignedDuration, Timestamp};
use within24::domain::clock::{Level, shift};
use within24::domain::endpoint::{
    Answer, Call, CallId, Ended, Endpoint, EndpointUrl, Progress, SigningKeys, SigningSecret, Wanted, WhyDisabled,
};
use within24::domain::event::Event;
use within24::domain::key::Key;
use within24::domain::store::StoreId;
use within24::ports::{Change, EndpointChange, Refusal};
use within24_tests::worlds::World;

use super::{now, put, refused, store_id, thread};

fn endpoint(name: &str) -> Endpoint {
    let url = EndpointUrl::parse(&format!("https://hooks.example.com/{name}?key=1")).unwrap();
    Endpoint::new(
        store_id(),
        url,
        Wanted::parse(["ThreadOverdue.v1", "ThreadOpened.v1"]).unwrap(),
        now(),
    )
}

fn stored(endpoint: &Endpoint) -> Endpoint {
    Endpoint {
        version: endpoint.version + 1,
        ..endpoint.clone()
    }
}

fn change(change: EndpointChange) -> Change {
    Change::Endpoint(change)
}

fn put_endpoint(endpoint: &Endpoint) -> Change {
    change(EndpointChange::Put(Box::new(endpoint.clone())))
}

fn put_call(call: &Call) -> Change {
    change(EndpointChange::Call(Box::new(call.clone()), now()))
}

fn secret(byte: u8) -> SigningSecret {
    SigningSecret::of(&[byte; 32]).unwrap()
}

fn event(at: Timestamp) -> Event {
    Event::alert(&thread("t"), Level::Overdue, at, at, at)
}

fn minutes(minutes: i64) -> Timestamp {
    shift(now(), SignedDuration::from_mins(minutes))
}

pub(super) async fn an_event_is_found_by_its_key_told_or_not(world: &impl World) {
    let event = event(now());
    assert_eq!(world.event(&store_id(), &event.key).await.unwrap(), None);
    put(world, Change::Event(Box::new(event.clone()))).await;
    assert_eq!(world.event(&store_id(), &event.key).await.unwrap(), Some(event.clone()));
    let told = Change::Told {
        store: store_id(),
        event: event.key.clone(),
    };
    put(world, told).await;
    assert_eq!(world.event(&store_id(), &event.key).await.unwrap(), Some(event.clone()));
    let elsewhere = StoreId::parse("fr").unwrap();
    assert_eq!(world.event(&elsewhere, &event.key).await.unwrap(), None);
}

pub(super) async fn an_endpoint_comes_back_as_it_was_written_in_its_store(world: &impl World) {
    let (first, mut second) = (endpoint("first"), endpoint("second"));
    second.created_at = minutes(1);
    second.disabled = Some((minutes(2), WhyDisabled::Gone));
    second.rotated_at = Some(minutes(2));
    second.wanted = Wanted::default();
    for one in [&second, &first] {
        put(world, put_endpoint(one)).await;
        assert_eq!(world.endpoint(&store_id(), &one.id).await.unwrap(), Some(stored(one)));
    }
    assert_eq!(
        world.endpoints(&store_id()).await.unwrap(),
        [stored(&first), stored(&second)]
    );
    let elsewhere = StoreId::parse("fr").unwrap();
    assert!(world.endpoints(&elsewhere).await.unwrap().is_empty());
    assert_eq!(world.endpoint(&elsewhere, &first.id).await.unwrap(), None);
}

pub(super) async fn an_endpoint_is_changed_only_as_it_was_read_and_deleted_once(world: &impl World) {
    let first = endpoint("first");
    put(world, put_endpoint(&first)).await;
    assert_eq!(refused(world.commit(vec![put_endpoint(&first)]).await), Refusal::Stale);
    put(world, put_endpoint(&stored(&first))).await;
    let second = stored(&stored(&first));
    let delete = |endpoint: &Endpoint| change(EndpointChange::Delete(Box::new(endpoint.clone()), now()));
    assert_eq!(refused(world.commit(vec![delete(&first)]).await), Refusal::Stale);
    put(world, delete(&second)).await;
    assert_eq!(world.endpoint(&store_id(), &first.id).await.unwrap(), None);
    assert!(world.endpoints(&store_id()).await.unwrap().is_empty());
    for again in [delete(&second), put_endpoint(&second), put_endpoint(&first)] {
        assert_eq!(refused(world.commit(vec![again]).await), Refusal::Stale);
    }
}

pub(super) async fn secrets_take_over_from_each_other_until_they_are_deleted(world: &impl World) {
    let id = endpoint("first").id;
    let read = async || world.signing_keys(&store_id(), &id).await.unwrap();
    let next = |byte, at| change(EndpointChange::NextKey(store_id(), id.clone(), secret(byte), at));
    assert_eq!(read().await, None);
    assert_eq!(refused(world.commit(vec![next(1, now())]).await), Refusal::Stale);
    put(
        world,
        change(EndpointChange::FirstKey(store_id(), id.clone(), secret(1))),
    )
    .await;
    let first = SigningKeys::new(secret(1));
    assert_eq!(read().await, Some(first.clone()));
    put(world, next(2, now())).await;
    let second = first.rotated(secret(2), now());
    assert_eq!(read().await, Some(second.clone()));
    put(world, next(3, minutes(5))).await;
    assert_eq!(read().await, Some(second.rotated(secret(3), minutes(5))));
    let elsewhere = StoreId::parse("fr").unwrap();
    assert_eq!(world.signing_keys(&elsewhere, &id).await.unwrap(), None);
    put(world, change(EndpointChange::DeleteKeys(store_id(), id.clone(), now()))).await;
    assert_eq!(read().await, None);
    assert_eq!(refused(world.commit(vec![next(4, now())]).await), Refusal::Stale);
}

pub(super) async fn a_call_is_planned_once_and_changed_only_as_it_was_read(world: &impl World) {
    let mut call = Call::new(&endpoint("first"), &event(now()), now());
    assert_eq!(world.call(&call.id).await.unwrap(), None);
    put(world, put_call(&call)).await;
    assert_eq!(refused(world.commit(vec![put_call(&call)]).await), Refusal::Stale);
    call.version = 1;
    assert_eq!(world.call(&call.id).await.unwrap(), Some(call.clone()));
    let answers = [
        Answer::Status(500, None),
        Answer::Missed(within24::domain::endpoint::Missed::Timeout),
        Answer::Status(204, None),
    ];
    for answer in answers {
        call.answered(answer, now());
        put(world, put_call(&call)).await;
        call.version += 1;
        assert_eq!(world.call(&call.id).await.unwrap(), Some(call.clone()));
    }
    for why in [Ended::Exhausted, Ended::Gone, Ended::Disabled, Ended::Deleted] {
        call.end(why);
        put(world, put_call(&call)).await;
        call.version += 1;
        assert_eq!(world.call(&call.id).await.unwrap(), Some(call.clone()));
    }
}

pub(super) async fn calls_that_wait_are_found_when_somebody_has_to_look(world: &impl World) {
    let endpoint = endpoint("first");
    let call = |number: i64, progress| Call {
        progress,
        ..Call::new(&endpoint, &event(minutes(number)), now())
    };
    let waiting = |number, look: i64| {
        let (next_at, look_at) = (now(), minutes(look));
        call(number, Progress::Waiting { next_at, look_at })
    };
    let calls = [
        waiting(1, 30),
        waiting(2, 10),
        call(3, Progress::Delivered),
        call(4, Progress::Ended(Ended::Exhausted)),
        waiting(5, 20),
    ];
    for call in &calls {
        put(world, put_call(call)).await;
    }
    let due = async |by: i64, limit: usize| {
        let calls = world.due_calls(minutes(by), limit).await.unwrap();
        calls.iter().map(|call| call.id.event_at).collect::<Vec<_>>()
    };
    assert!(due(9, 10).await.is_empty());
    assert_eq!(due(10, 10).await, [minutes(2)], "at that very moment");
    assert_eq!(due(60, 10).await, [minutes(2), minutes(5), minutes(1)]);
    assert_eq!(due(60, 2).await, [minutes(2), minutes(5)]);
    let mut done = Call {
        version: 1,
        ..calls[1].clone()
    };
    done.answered(Answer::Status(200, None), now());
    put(world, put_call(&done)).await;
    assert_eq!(due(60, 10).await, [minutes(5), minutes(1)]);
}

pub(super) async fn calls_are_listed_by_endpoint_the_latest_event_first(world: &impl World) {
    let (first, second) = (endpoint("first"), endpoint("second"));
    for (endpoint, number) in [(&first, 2), (&first, 1), (&second, 9), (&first, 3)] {
        put(world, put_call(&Call::new(endpoint, &event(minutes(number)), now()))).await;
    }
    let list = async |after: Option<&CallId>, limit| {
        let calls = world.calls(&store_id(), &first.id, after, limit).await.unwrap();
        calls.into_iter().map(|call| call.id).collect::<Vec<_>>()
    };
    let all = list(None, 10).await;
    assert_eq!(
        all.iter().map(|id| id.event_at).collect::<Vec<_>>(),
        [minutes(3), minutes(2), minutes(1)]
    );
    assert_eq!(list(None, 2).await, all[..2]);
    assert_eq!(list(Some(&all[1]), 2).await, all[2..]);
    assert!(list(Some(&all[2]), 2).await.is_empty());
    let nobody = CallId {
        event: Key::of(&["none"]),
        ..all[0].clone()
    };
    assert_eq!(world.call(&nobody).await.unwrap(), None);
}
