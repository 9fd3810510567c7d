//! Cursors of pages: opaque, and good for the one query that they were given for.

use sha2::{Digest as _, Sha256};

use super::query::Bad;
use crate::Request;

/// The items of this page, of at most `limit`, and the cursor of the next one when there are more.
pub(super) fn page<T>(items: Vec<T>, request: &Request, limit: usize) -> Result<(Vec<T>, Option<String>), Bad> {
    let (all, start) = (items.len(), position(request)?);
    let end = start.saturating_add(limit).min(all);
    let next = (end < all).then(|| at(request, end));
    Ok((items.into_iter().skip(start).take(limit).collect(), next))
}

fn at(request: &Request, position: usize) -> String {
    format!("page_{position:08x}{}", query(request))
}

fn position(request: &Request) -> Result<usize, Bad> {
    let Some(cursor) = request.parameter("page") else { return Ok(0) };
    cursor
        .strip_prefix("page_")
        .and_then(|cursor| cursor.split_at_checked(8))
        .filter(|(_, of)| *of == query(request))
        .and_then(|(position, _)| usize::from_str_radix(position, 16).ok())
        .ok_or_else(|| Bad::of("page", "this cursor belongs to no query like this one"))
}

/// Everything that was asked but the cursor, in whatever order.
fn query(request: &Request) -> String {
    let mut query: Vec<_> = request.query.iter().filter(|(name, _)| name != "page").collect();
    query.sort();
    let digest = Sha256::digest(format!("{} {query:?}", request.path));
    format!("{digest:x}")[..16].to_owned()
}
