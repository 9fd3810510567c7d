//! Lists of names, paged by the id of an item: the next page begins after the last one seen.

use serde_json::Value;

use super::query::Bad;

/// A page of a list.
pub(super) struct Page {
    pub(super) data: Vec<Value>,
    pub(super) first: Value,
    pub(super) last: Value,
    pub(super) has_more: bool,
}

/// At most `limit` items behind the one whose id is `after`, or right before the one whose id is `before`; each a
/// parameter's name and value.
pub(super) fn page(
    mut items: Vec<Value>,
    limit: usize,
    after: (&str, Option<&str>),
    before: (&str, Option<&str>),
) -> Result<Page, Bad> {
    let place = |(name, id): (&str, Option<&str>)| {
        let Some(id) = id else { return Ok(None) };
        let place = items.iter().position(|item| item["id"] == id);
        place.map(Some).ok_or_else(|| Bad::of(name, "there is nothing of this id"))
    };
    let (after, before) = (place(after)?, place(before)?);
    items.truncate(before.unwrap_or(items.len()));
    let mut data = items.split_off(after.map_or(0, |place| place + 1).min(items.len()));
    let has_more = data.len() > limit;
    if before.is_some() {
        data.drain(..data.len().saturating_sub(limit));
    }
    data.truncate(limit);
    let id = |item: Option<&Value>| item.map_or(Value::Null, |item| item["id"].clone());
    Ok(Page { first: id(data.first()), last: id(data.last()), data, has_more })
}
