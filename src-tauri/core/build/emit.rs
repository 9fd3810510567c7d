//! Writes the table as Rust: constants that need no start-up, so that a short-lived command pays nothing for prices it
//! does not ask about.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::names::names;
use super::rows::{Row, rows};
use super::rule::Rule;
use super::source::Provider;

/// Providers that make models, in the order in which a model without a known provider is looked for. `zai` comes before
/// `zhipuai`: the same models at the international list price.
const MAKERS: &[&str] = &[
    "anthropic",
    "openai",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "moonshotai",
    "zai",
    "zhipuai",
    "minimax",
    "cohere",
    "meta",
    "cursor",
];

/// Anthropic charges a tenth more for staying in a region; its rates must have that tenth.
const TENTHS: &str = "anthropic";

pub(super) fn table(providers: &[Provider], version: &str, published: i64) -> Result<String, String> {
    let (mut models, mut lists, mut all_rows) = (String::new(), String::new(), String::new());
    let mut makers = BTreeMap::<String, (usize, usize)>::new();
    let (mut model_count, mut row_count) = (0, 0);
    for provider in providers {
        let mut numbers = Vec::new();
        for model in &provider.models {
            let rows = rows(model)?;
            if provider.id == TENTHS && rows.iter().flat_map(|row| row.rates).flatten().any(|rate| rate % 10 != 0) {
                return Err(format!("{}/{}: a rate without an exact tenth", provider.id, model.id));
            }
            numbers.push((!rows.is_empty()).then_some(model_count));
            if !rows.is_empty() {
                let end = row_count + rows.len();
                line(&mut models, &format!("Model {{ id: {:?}, rows: ({row_count}, {end}) }},", model.id));
                for row in &rows {
                    line(&mut all_rows, &row_text(row));
                }
                (model_count, row_count) = (model_count + 1, end);
            }
        }
        let names = names(provider)?;
        let known = names.iter().filter_map(|(name, index)| Some((name, numbers[*index]?)));
        let entries: Vec<String> = known.clone().map(|(name, number)| format!("({name:?}, {number})")).collect();
        line(
            &mut lists,
            &format!(
                "List {{ provider: {:?}, fallbacks: &{:?}, names: &[{}] }},",
                provider.id,
                provider.fallbacks,
                entries.join(", ")
            ),
        );
        if let Some(rank) = MAKERS.iter().position(|maker| *maker == provider.id) {
            let own = provider.makes.as_ref().map(Rule::read).transpose()?;
            for (name, number) in known {
                if own.as_ref().is_none_or(|rule| rule.accepts(name)) {
                    let best = makers.entry(name.clone()).or_insert((rank, number));
                    *best = (rank, number).min(*best);
                }
            }
        }
    }
    if let Some(missing) = MAKERS.iter().find(|maker| !providers.iter().any(|provider| provider.id == **maker)) {
        return Err(format!("no provider `{missing}`, which MAKERS in build/emit.rs names"));
    }
    let makers: Vec<String> =
        makers.iter().map(|(name, (rank, number))| format!("({name:?}, {:?}, {number})", MAKERS[*rank])).collect();
    let makers = makers.join(", ");
    Ok(format!(
        "pub(super) static BUNDLED: Catalogue = Catalogue {{\n\
         version: {version:?},\npublished: {published},\n\
         lists: &[\n{lists}],\nmakers: &[{makers}],\nmodels: &[\n{models}],\nrows: &[\n{all_rows}],\n}};\n"
    ))
}

fn row_text(row: &Row) -> String {
    let from = row.from.map_or("ALWAYS".to_owned(), |from| from.to_string());
    let (opens, closes) = row.hours.unwrap_or_default();
    let rates = row.rates.map(|rate| rate.map_or("NONE".to_owned(), |rate| rate.to_string())).join(", ");
    format!(
        "Row {{ context: Context::{:?}, above: {}, from: {from}, hours: ({opens}, {closes}), weekend: {}, \
         rates: [{rates}] }},",
        row.context, row.above, row.weekend
    )
}

fn line(text: &mut String, line: &str) {
    let _infallible = writeln!(text, "{line}");
}
