//! What goes wrong whoever the provider is; for [`super::Peer::fail_next`] and [`super::Peer::spoil_next`].

use serde_json::Value;

use crate::{Answer, Request};

/// Requests of every kind.
pub fn any(_: &Request) -> bool {
    true
}

/// Requests of this path.
pub fn on(path: &str) -> impl Fn(&Request) -> bool + Send + 'static {
    let path = path.to_owned();
    move |request| request.path == path
}

/// A document that comes whole and ends in the middle of a list.
pub fn half_a_document() -> Answer {
    Answer::status("200 OK", &["Content-Type: application/json"], r#"{"data": [{"#)
}

/// Half of the body, then nothing more while the line is held.
pub fn hangs_in_the_middle(_: &Request, answer: Answer) -> Answer {
    let half = answer.text().len() / 2;
    answer.truncated(half).then_wait()
}

/// Half of the body, then the line is cut.
pub fn cut_in_the_middle(_: &Request, answer: Answer) -> Answer {
    let half = answer.text().len() / 2;
    answer.truncated(half)
}

/// A page whose cursor leads to itself. The first page, which has no cursor yet, is left as it is.
pub fn same_cursor_again(request: &Request, answer: Answer) -> Answer {
    let (Some(cursor), Ok(mut page)) = (request.parameter("page"), serde_json::from_str::<Value>(answer.text())) else {
        return answer;
    };
    page["has_more"] = true.into();
    page["next_page"] = cursor.into();
    Answer::json(200, &page)
}
