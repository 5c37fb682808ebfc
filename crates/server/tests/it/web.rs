//! What a browser, a proxy or a monitor asks of the web's port.

use protocol::ErrorCode;
use reqwest::{Client, Method, header};

use crate::harness::{Answer, Person, World};

async fn fetch(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Client::new().get(format!("{}{path}", world.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await
}

#[tokio::test]
async fn every_view_is_the_page_and_a_missing_file_is_not() {
    let world = World::unborn().await;
    for path in ["/", "/setup", "/c/cnv_01jd0000000000000000000001"] {
        let answer = fetch(&world, path, &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            answer.headers[header::CONTENT_TYPE]
                .to_str()
                .unwrap()
                .starts_with("text/html")
        );
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
    }
    let tag = fetch(&world, "/", &[]).await.headers[header::ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    let known = fetch(&world, "/", &[("if-none-match", &tag)]).await;
    assert_eq!(known.status, 304);
    assert_eq!(
        fetch(&world, "/assets/none.js", &[]).await.refusal(),
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn every_answer_confines_the_page() {
    let world = World::unborn().await;
    for path in ["/", "/api/v1/setup", "/api/v1/none"] {
        let headers = fetch(&world, path, &[]).await.headers;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("script-src 'self'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert!(
            headers["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("camera=(self)")
        );
    }
}

#[tokio::test]
async fn every_refusal_has_the_same_form() {
    let (_world, leah) = World::new().await;
    assert_eq!(leah.get("/none").await.refusal(), ErrorCode::NotFound);
    assert_eq!(leah.delete("/users").await.refusal(), ErrorCode::Invalid);
    assert_eq!(
        leah.get("/conversations/none").await.refusal(),
        ErrorCode::NotFound
    );
    assert_eq!(
        leah.get("/calls?limit=x").await.refusal(),
        ErrorCode::Invalid
    );
    let plain = leah.request(Method::POST, "/conversations").body("{}");
    let answer = Answer::of(plain).await;
    assert_eq!(answer.status, 415);
    answer.refusal();
    let broken = leah
        .request(Method::POST, "/conversations")
        .header(header::CONTENT_TYPE, "application/json")
        .body("{");
    assert_eq!(Answer::of(broken).await.refusal(), ErrorCode::Invalid);
    let huge = leah
        .request(Method::POST, "/conversations")
        .header(header::CONTENT_TYPE, "application/json")
        .body(vec![b' '; 1024 * 1024]);
    let answer = Answer::of(huge).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.refusal(), ErrorCode::TooLarge);
    assert_eq!(leah.get("/socket").await.refusal(), ErrorCode::Invalid);
}

#[tokio::test]
async fn long_answers_are_compressed_for_who_takes_it() {
    let (_world, leah) = World::new().await;
    let there = leah.channel("long", "public").await;
    for _ in 0..20 {
        leah.say(there, "The same words again and again and again and again.")
            .await;
    }
    let path = format!("/conversations/{there}/timeline");
    let asked = leah
        .request(Method::GET, &path)
        .header(header::ACCEPT_ENCODING, "gzip");
    let answer = Answer::of(asked).await;
    assert_eq!(answer.headers[header::CONTENT_ENCODING], "gzip");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_monitor_sees_that_it_lives_and_serves() {
    let mut world = World::unborn().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(fetch(&world, path, &[]).await.status, 200, "{path}");
    }
    let document: serde_json::Value = Person::stranger(&world.url).get("/openapi.json").await.ok();
    assert_eq!(document["info"]["title"], "Connect");
    world.stop().await;
}
