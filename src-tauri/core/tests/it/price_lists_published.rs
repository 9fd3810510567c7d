//! The price lists as published: what is taken, and all that is refused, over real connections and from a folder.

use std::fs;
use std::path::Path;
use std::time::Duration;

use spendmeter_core::http::{Http, HttpError, RetryAfter, Timeouts};
use spendmeter_core::places::Places;
use spendmeter_core::pricing::{PriceSources, PublishedError, PublishedLists};
use stub::mirror::{self, GENAI_PRICES, MANIFEST, manifest, sha256, snapshot};
use stub::{Answer, Stub, nobody};
use tempfile::TempDir;

const PROVIDERS: &str = r#"[{"id": "openai", "name": "OpenAI", "models": []}]"#;
const PRICES: &str = r#"{"schema": 1, "updated_at": "2026-11-24T06:00:00Z", "prices": {"openai": {}}, "plans": []}"#;

/// A mirror with both lists.
fn both() -> Vec<(String, Answer)> {
    mirror::of(PROVIDERS, PRICES)
}

/// The mirror, but with this answer at `path`.
fn mirror_with(path: &str, answer: Answer) -> Stub {
    Stub::serve(both().into_iter().chain([(path.to_owned(), answer)]))
}

fn fetch(stub: &Stub) -> Result<PublishedLists, PublishedError> {
    fetch_below(&stub.url(""))
}

fn fetch_below(base: &str) -> Result<PublishedLists, PublishedError> {
    let sources = PriceSources::below(base)?;
    PublishedLists::fetch(&Http::to(sources.hosts(), Timeouts::default(), None), &sources)
}

/// Every path of the mirror, and how much it may have.
fn documents() -> [(String, u64); 3] {
    [(GENAI_PRICES.to_owned(), 5_000_000), (MANIFEST.to_owned(), 64_000), (snapshot(&sha256(PRICES)), 5_000_000)]
}

/// Writes the mirror's documents to a folder, without the one at `missing`.
fn folder_without(missing: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let hash = sha256(PRICES);
    for (path, content) in [
        (GENAI_PRICES.to_owned(), PROVIDERS.to_owned()),
        (MANIFEST.to_owned(), manifest(&hash)),
        (snapshot(&hash), PRICES.to_owned()),
    ] {
        if missing != Some(path.as_str()) {
            write(folder.path(), &path, &content);
        }
    }
    folder
}

fn write(folder: &Path, below: &str, content: &str) {
    let path = folder.join(below.trim_start_matches('/'));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn the_published_list_of_genai_prices_is_the_second_version() {
    let published = format!("{:?}", PriceSources::PUBLISHED);
    // The first, `prices/data.json`, is frozen: what it says is not true any more.
    assert!(published.contains("/genai-prices/refs/heads/main/prices/new_data/v2/data.json\""), "{published}");
    assert!(published.contains("/model-prices/data/v1/latest.json\""), "{published}");
    assert!(!published.contains("/prices/data.json"), "{published}");
    assert_eq!(PriceSources::default(), PriceSources::PUBLISHED);
    assert!(PriceSources::PUBLISHED.hosts().all(|host| host == "raw.githubusercontent.com"));
}

#[test]
fn both_lists_come_with_what_they_are() {
    let stub = Stub::serve(both());
    let lists = fetch(&stub).unwrap();
    assert_eq!(lists.genai_prices.text, PROVIDERS);
    assert_eq!(lists.genai_prices.sha256, sha256(PROVIDERS));
    assert_eq!(lists.genai_prices.from, stub.url(GENAI_PRICES));
    assert_eq!(lists.model_prices.text, PRICES);
    assert_eq!(lists.model_prices.sha256, sha256(PRICES));
    assert_eq!(lists.model_prices.from, stub.url(&snapshot(&sha256(PRICES))));
    assert_eq!(lists.updated_at, "2026-11-24T06:00:00Z".parse().unwrap());
    assert_eq!(stub.paths(), documents().map(|(path, _)| path), "one request each");
    let served = PROVIDERS.len() + manifest(&sha256(PRICES)).len() + PRICES.len();
    assert_eq!(stub.sent(), served as u64);
}

#[test]
fn the_lists_that_the_core_carries_would_be_taken() {
    let providers = include_str!("../../prices/genai-prices-0.2.3.json");
    let prices = include_str!("../../prices/model-prices-0.0.5.json");
    let lists = fetch(&Stub::serve(mirror::of(providers, prices))).unwrap();
    assert!(lists.genai_prices.text == providers && lists.model_prices.text == prices);
}

#[test]
fn a_mirror_may_be_written_with_or_without_a_slash_at_its_end() {
    let base = "https://mirror.example/prices";
    assert_eq!(PriceSources::below(base), PriceSources::below(&format!("{base}/")));
    assert_eq!(PriceSources::below(base).unwrap().hosts().next().unwrap(), "mirror.example");
}

#[test]
fn a_mirror_that_could_not_be_asked_is_refused_when_it_is_named() {
    for base in
        ["http://mirror.example", "mirror.example", "https://u:secret@mirror.example", "https://m.example?k=secret"]
    {
        let error = PriceSources::below(base).unwrap_err();
        assert!(matches!(error, HttpError::NotHttps { .. } | HttpError::NotAnAddress { .. }), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

/// A user whose environment names this mirror.
fn user_with(mirror: &str) -> Places {
    Places::of_user([("HOME".into(), "/home/u".into()), ("SPENDMETER_PRICES_FROM".into(), mirror.into())], None, None)
        .unwrap()
}

#[test]
fn a_user_may_name_a_mirror_for_everything_that_asks() {
    let mirror = "https://mirror.example/prices";
    assert_eq!(PriceSources::of_user(&user_with(mirror)).unwrap(), PriceSources::below(mirror).unwrap());
    assert_eq!(PriceSources::of_user(&user_with("")).unwrap(), PriceSources::PUBLISHED, "not set");
    let stub = Stub::serve(both());
    let user = user_with(&stub.url(""));
    let lists = PublishedLists::fetch_for(&user, &PriceSources::of_user(&user).unwrap()).unwrap();
    assert_eq!((lists.genai_prices.text.as_str(), stub.paths().len()), (PROVIDERS, 3));
}

#[test]
fn a_mirror_that_cannot_be_one_is_said_by_the_name_of_its_variable_and_nobody_else_is_asked() {
    for base in ["http://mirror.example", "/srv/prices", "https://u:secret@mirror.example"] {
        let error = PriceSources::of_user(&user_with(base)).unwrap_err().to_string();
        assert!(error.starts_with("SPENDMETER_PRICES_FROM does not name a mirror: "), "{error}");
        assert!(error.contains("unset it") && !error.contains("secret"), "{error}");
    }
}

#[test]
fn each_document_that_does_not_come_is_named() {
    for (path, _) in documents() {
        let stub = mirror_with(&path, Answer::status("429 Too Many Requests", &["Retry-After: 60"], ""));
        let retry_after = Some(RetryAfter::In(Duration::from_mins(1)));
        let refused = HttpError::Status { url: stub.url(&path), status: 429, retry_after };
        assert_eq!(fetch(&stub), Err(PublishedError::Http(refused)));

        let stub = mirror_with(&path, Answer::status("404 Not Found", &[], ""));
        let missing = HttpError::Status { url: stub.url(&path), status: 404, retry_after: None };
        assert_eq!(fetch(&stub), Err(PublishedError::Http(missing)));

        let stub = mirror_with(&path, Answer::raw("200 OK", &["Content-Length: 1000"], "[{"));
        let cut = HttpError::CutShort { url: stub.url(&path), received: 2 };
        assert_eq!(fetch(&stub), Err(PublishedError::Http(cut)));
    }
    assert!(matches!(fetch_below(&nobody()), Err(PublishedError::Http(HttpError::Unreachable { .. }))));
}

#[test]
fn each_document_has_a_limit() {
    for (path, limit) in documents() {
        let stub = mirror_with(&path, Answer::raw("200 OK", &[], vec![b' '; 1_000_000]).repeated(900_000_000));
        assert_eq!(fetch(&stub), Err(PublishedError::Http(HttpError::TooLarge { url: stub.url(&path), limit })));
        // The limit, and what the system takes in between whether it is read or not.
        assert!(stub.sent() < 5_000_000 + 16_000_000, "{}", stub.sent());
    }
}

#[test]
fn what_came_instead_of_a_list_is_said() {
    let came = |path: &str, body: &[u8]| match fetch(&mirror_with(path, Answer::ok(body))) {
        Err(PublishedError::NotAPriceList { from, found, .. }) => {
            assert!(from.ends_with(path), "{from}");
            found
        }
        other => panic!("{path}: {other:?}"),
    };
    for (path, _) in documents() {
        assert_eq!(came(&path, b"\n<!DOCTYPE html><title>Sign in</title>"), "a web page");
        assert_eq!(came(&path, b""), "nothing");
        assert_eq!(came(&path, b" \n"), "nothing");
        assert_eq!(came(&path, b"\xff\xfe"), "something that is not text");
    }
    for path in [GENAI_PRICES, MANIFEST] {
        assert_eq!(came(path, b"Bad gateway"), "not JSON (line 1, column 1)");
        assert!(came(path, b"\"words\"").starts_with("JSON of another form"));
    }
    assert_eq!(came(GENAI_PRICES, b"[{\"id\": \"a\","), "JSON that breaks off (line 1, column 12)");
    assert_eq!(came(MANIFEST, b"{\"sha256\": \"a"), "JSON that breaks off (line 1, column 13)");
}

#[test]
fn a_list_of_another_form_is_refused() {
    for providers in
        ["[]", "{}", "[{}]", r#"[{"id": "a"}]"#, r#"[{"id": 1, "models": []}]"#, r#"[{"id": "a", "models": {}}]"#]
    {
        let refused = fetch(&Stub::serve(mirror::of(providers, PRICES)));
        assert!(matches!(refused, Err(PublishedError::NotAPriceList { .. })), "{providers}: {refused:?}");
    }
    for prices in [
        "{}",
        r#"{"schema": "1", "updated_at": "2026-11-24T06:00:00Z", "prices": {"a": {}}}"#,
        r#"{"schema": 1, "prices": {"a": {}}}"#,
        r#"{"schema": 1, "updated_at": "yesterday", "prices": {"a": {}}}"#,
        r#"{"schema": 1, "updated_at": "2026-11-24T06:00:00Z"}"#,
        r#"{"schema": 1, "updated_at": "2026-11-24T06:00:00Z", "prices": []}"#,
        r#"{"schema": 1, "updated_at": "2026-11-24T06:00:00Z", "prices": {}}"#,
    ] {
        let refused = fetch(&Stub::serve(mirror::of(PROVIDERS, prices)));
        assert!(matches!(refused, Err(PublishedError::NotAPriceList { .. })), "{prices}: {refused:?}");
    }
}

#[test]
fn a_list_with_another_hash_than_the_manifest_names_is_refused() {
    let changed = PRICES.replace("openai", "openbi");
    let path = snapshot(&sha256(PRICES));
    let stub = mirror_with(&path, Answer::ok(changed.as_str()));
    let refused = PublishedError::WrongHash { from: stub.url(&path), named: sha256(PRICES), found: sha256(&changed) };
    assert_eq!(fetch(&stub), Err(refused));
}

#[test]
fn a_list_of_a_newer_format_is_refused() {
    let newer = r#"{"schema": 2, "prices": "elsewhere"}"#;
    let stub = Stub::serve(mirror::of(PROVIDERS, newer));
    let from = stub.url(&snapshot(&sha256(newer)));
    assert_eq!(fetch(&stub), Err(PublishedError::WrongSchema { from, found: 2 }));
}

#[test]
fn what_is_no_hash_is_never_asked_for() {
    let hash = sha256(PRICES);
    for named in [
        "",
        "../../../../../../etc/passwd",
        &format!("../{}", &hash[3..]),
        &hash[1..],
        &format!("{hash}0"),
        &hash.to_uppercase(),
        &format!("{}?", &hash[1..]),
        &"é".repeat(32),
    ] {
        let stub = mirror_with(MANIFEST, Answer::ok(manifest(named)));
        let from = stub.url(MANIFEST);
        assert_eq!(fetch(&stub), Err(PublishedError::NotAHash { from, found: named.to_owned() }));
        assert_eq!(stub.paths(), [GENAI_PRICES, MANIFEST]);
    }
}

#[test]
fn a_folder_has_them_as_a_mirror_does() {
    let folder = folder_without(None);
    let lists = PublishedLists::from_folder(folder.path()).unwrap();
    assert_eq!((lists.genai_prices.text.as_str(), lists.model_prices.text.as_str()), (PROVIDERS, PRICES));
    assert_eq!(lists.model_prices.sha256, sha256(PRICES));
    assert_eq!(lists.genai_prices.from, folder.path().join(&GENAI_PRICES[1..]).display().to_string());
}

#[test]
fn a_file_that_is_missing_from_the_folder_is_named() {
    for (path, _) in documents() {
        let folder = folder_without(Some(&path));
        match PublishedLists::from_folder(folder.path()) {
            Err(PublishedError::NotRead { from, .. }) => {
                assert_eq!(Path::new(&from), folder.path().join(path.trim_start_matches('/')));
            }
            other => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn files_in_a_folder_are_verified_as_well() {
    for (path, limit) in documents() {
        let folder = folder_without(None);
        write(folder.path(), &path, &" ".repeat(usize::try_from(limit).unwrap() + 1));
        let refused = PublishedLists::from_folder(folder.path());
        assert!(matches!(refused, Err(PublishedError::TooLarge { limit: l, .. }) if l == limit), "{refused:?}");
    }
    let folder = folder_without(None);
    write(folder.path(), &snapshot(&sha256(PRICES)), &PRICES.replace("openai", "openbi"));
    assert!(matches!(PublishedLists::from_folder(folder.path()), Err(PublishedError::WrongHash { .. })));

    let folder = folder_without(None);
    fs::write(folder.path().join("outside.json"), PRICES).unwrap();
    write(folder.path(), MANIFEST, &manifest("../../outside"));
    assert!(matches!(PublishedLists::from_folder(folder.path()), Err(PublishedError::NotAHash { .. })));

    let folder = folder_without(Some(GENAI_PRICES));
    fs::create_dir_all(folder.path().join(&GENAI_PRICES[1..])).unwrap();
    assert!(matches!(PublishedLists::from_folder(folder.path()), Err(PublishedError::NotRead { .. })));
}
