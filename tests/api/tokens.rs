//! Tokens through the API: who gives them, what becomes of them.

use serde_json::{Value, json};
use within24::domain::token::Role;
use within24::ports::FindTokens;

use crate::calls::{call, router, token, world};

#[tokio::test]
async fn a_token_is_made_used_and_revoked_and_its_secret_is_kept_nowhere() {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara", &[("kontorhaus", Role::Admin)]).await;
    let body = json!({"name": " Jonas ", "scopes": {"kontorhaus": "agent"}, "expires_at": "2027-01-01T00:00:00Z"});
    let made = call(&router, "POST", "/v1/tokens").by(&admin).json(&body).send().await;
    assert_eq!(made.status, 201, "{}", made.text());
    let secret = made.json()["token"].as_str().unwrap().to_owned();
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/v1/tokens/{id}"));
    assert_eq!(
        (&made.json()["name"], &made.json()["created_by"]),
        (&json!("Jonas"), &json!("Mara"))
    );
    let kept = format!("{:?}", world.tokens().await.unwrap());
    assert!(!kept.contains(&secret[21..40]), "{kept}");

    let stores = call(&router, "GET", "/v1/stores").by(&secret).send().await;
    assert_eq!(stores.json()["stores"], json!([{"id": "kontorhaus", "role": "agent"}]));
    let list = call(&router, "GET", "/v1/tokens").by(&admin).send().await.json();
    let of = |name: &str| -> Value {
        let all = list["tokens"].as_array().unwrap();
        all.iter().find(|token| token["name"] == name).unwrap().clone()
    };
    assert_eq!(of("Jonas")["last_used_on"], "2026-03-07");
    assert!(of("Jonas").get("token").is_none() && of("Jonas").get("hash").is_none());

    for _ in 0..2 {
        let revoked = call(&router, "DELETE", &format!("/v1/tokens/{id}"))
            .by(&admin)
            .send()
            .await;
        assert_eq!((revoked.status.as_u16(), revoked.body.len()), (204, 0));
    }
    assert_eq!(call(&router, "GET", "/v1/stores").by(&secret).send().await.status, 401);
    let changes = call(&router, "GET", "/v1/stores/kontorhaus/changes")
        .by(&admin)
        .send()
        .await
        .json();
    let done: Vec<_> = changes["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["what"], &one["about"]))
        .collect();
    let about = json!(id);
    assert_eq!(
        done.iter().filter(|(_, of)| **of == about).count(),
        2,
        "once each: {changes}"
    );
}

#[tokio::test]
async fn a_token_opens_nothing_from_its_end_on() {
    let world = world().await;
    let admin = token(&*world, 1, "Mara", &[("*", Role::Admin)]).await;
    let body = json!({"name": "Jonas", "scopes": {"kontorhaus": "agent"}, "expires_at": "2026-03-07T17:00:01Z"});
    let made = call(&router(&world), "POST", "/v1/tokens")
        .by(&admin)
        .json(&body)
        .send()
        .await
        .json();
    let secret = made["token"].as_str().unwrap();
    assert_eq!(
        call(&router(&world), "GET", "/v1/stores")
            .by(secret)
            .send()
            .await
            .status,
        200
    );
    let mut later = crate::calls::edge();
    later.now = std::sync::Arc::new(|| "2026-03-07T17:00:01Z".parse().unwrap());
    let later = crate::calls::router_at(&world, later);
    assert_eq!(call(&later, "GET", "/v1/stores").by(secret).send().await.status, 401);
}

#[tokio::test]
async fn nobody_gives_or_takes_what_he_is_not_admin_of() {
    let world = world().await;
    let router = router(&world);
    let everywhere = token(&*world, 1, "everywhere", &[("*", Role::Admin)]).await;
    let of_one = token(
        &*world,
        2,
        "of one",
        &[("kontorhaus", Role::Admin), ("lampenhaus", Role::Lead)],
    )
    .await;
    let of_both = token(
        &*world,
        3,
        "of both",
        &[("kontorhaus", Role::Admin), ("lampenhaus", Role::Admin)],
    )
    .await;
    let cases = [
        (json!({"kontorhaus": "admin"}), [201, 201, 201]),
        (json!({"lampenhaus": "agent"}), [403, 201, 201]),
        (json!({"kontorhaus": "agent", "lampenhaus": "agent"}), [403, 201, 201]),
        (json!({"*": "agent"}), [403, 403, 201]),
    ];
    for (scopes, wanted) in cases {
        for (token, status) in [&of_one, &of_both, &everywhere].into_iter().zip(wanted) {
            let body = json!({"name": "new", "scopes": scopes});
            let made = call(&router, "POST", "/v1/tokens").by(token).json(&body).send().await;
            assert_eq!(made.status, status, "{scopes}");
            // Those that were made last can be taken by whom they can be given.
            let Some(id) = (status == 201).then(|| made.json()["id"].as_str().unwrap().to_owned()) else {
                continue;
            };
            for (token, gives) in [&of_one, &of_both, &everywhere].into_iter().zip(wanted) {
                let list = call(&router, "GET", "/v1/tokens").by(token).send().await.text();
                assert_eq!(list.contains(&id), gives == 201, "{scopes}");
                if gives != 201 {
                    let taken = call(&router, "DELETE", &format!("/v1/tokens/{id}"))
                        .by(token)
                        .send()
                        .await;
                    assert_eq!(taken.status, 404, "{scopes}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_token_is_told_with_what_to_write_instead() {
    let world = world().await;
    let router = router(&world);
    let admin = token(&*world, 1, "Mara", &[("*", Role::Admin)]).await;
    let many: serde_json::Map<String, Value> = (0..21).map(|n| (format!("s{n}"), json!("agent"))).collect();
    let cases = [
        (json!({"name": "", "scopes": {"kontorhaus": "agent"}}), "/name"),
        (
            json!({"name": "x".repeat(101), "scopes": {"kontorhaus": "agent"}}),
            "/name",
        ),
        (json!({"name": "a\nb", "scopes": {"kontorhaus": "agent"}}), "/name"),
        (json!({"name": "x", "scopes": {}}), "/scopes"),
        (json!({"name": "x", "scopes": many}), "/scopes"),
        (json!({"name": "x", "scopes": {"a b": "agent"}}), "/scopes"),
        (json!({"name": "x", "scopes": {"nowhere": "agent"}}), "/scopes"),
        (
            json!({"name": "x", "scopes": {"kontorhaus": "owner"}}),
            "/scopes/kontorhaus",
        ),
        (
            json!({"name": "x", "scopes": {"kontorhaus": "agent"}, "expires_at": "2026-03-07T17:00:00Z"}),
            "/expires_at",
        ),
        (
            json!({"name": "x", "scopes": {"kontorhaus": "agent"}, "expires_at": "tomorrow"}),
            "/expires_at",
        ),
    ];
    for (body, place) in cases {
        let answer = call(&router, "POST", "/v1/tokens").by(&admin).json(&body).send().await;
        assert_eq!(answer.status, 422, "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], place, "{}", answer.text());
    }
}
