//! The names by which a provider's models are known: a finite table, looked up exactly.
//!
//! The list's own rules accept any name with a known beginning, which gives a model of tomorrow the price of a model of
//! today. So the rules are asked here, when a list is taken in, about names that are made from a model's id; what is not in the
//! table is unknown. Digits of a date stand as `#`: `claude-haiku-4-5-########`.

use std::collections::BTreeMap;

use crate::genai_prices::Provider;
use crate::rule::Rule;

/// The provider whose ids are spelled with places and versions around them.
pub(crate) const BEDROCK: &str = "aws";

/// Where Bedrock can be told to keep a call, as beginnings of names.
pub(crate) const BEDROCK_PLACES: &[&str] = &["", "us.", "us-gov.", "eu.", "au.", "jp.", "apac.", "in.", "ca."];

/// Years that a date in a name may have.
const YEARS: std::ops::Range<u32> = 2022..2036;

/// Names to indexes into the provider's models.
pub(crate) type Names = BTreeMap<String, usize>;

/// All names under which models of this provider are known.
pub(crate) fn names(provider: &Provider) -> Result<Names, String> {
    let asked = Asked { rules: provider.models.iter().map(|model| &model.rule).collect() };
    let mut names = Names::new();
    for (index, model) in provider.models.iter().enumerate() {
        if names.insert(model.id.to_lowercase(), index).is_some() {
            return Err(format!("{}: two models with the id {}", provider.id, model.id));
        }
    }
    for (index, rule) in asked.rules.iter().enumerate() {
        for name in rule.spelled() {
            if *names.entry(name.to_owned()).or_insert(index) != index {
                return Err(format!("{}: the name {name} for two models", provider.id));
            }
        }
    }
    let mut spellings = BTreeMap::<String, Vec<usize>>::new();
    for (index, model) in provider.models.iter().enumerate() {
        for (name, raw) in spellings_of(&model.id.to_lowercase(), provider.id == BEDROCK) {
            if asked.model(&raw) == Some(index) {
                let models = spellings.entry(name).or_default();
                models.retain(|other| *other != index);
                models.push(index);
            }
        }
    }
    for (name, models) in spellings {
        if let ([index], false) = (&models[..], names.contains_key(&name)) {
            names.insert(name, *index);
        }
    }
    let dated: Vec<_> = names.iter().flat_map(|(name, index)| asked.dated(name, *index)).collect();
    let compact: Vec<_> = names.iter().filter_map(|(name, index)| Some((without_dashes(name)?, *index))).collect();
    for (name, index) in dated.into_iter().chain(compact) {
        names.entry(name).or_insert(index);
    }
    Ok(names)
}

/// The rules of one provider's models, in the list's order.
struct Asked<'p> {
    rules: Vec<&'p Rule>,
}

impl Asked<'_> {
    /// The model that the list finds for this name: the first that accepts it, else the first that accepts it with
    /// dashes in its date.
    fn model(&self, name: &str) -> Option<usize> {
        let first = |name: &str| self.rules.iter().position(|rule| rule.accepts(name));
        first(name).or_else(|| first(&with_dashes(name)?))
    }

    /// The dated forms of `name` that the list finds to be the model `index`.
    fn dated(&self, name: &str, index: usize) -> Vec<(String, usize)> {
        let accepts = |name: &str| {
            let accepts = |name: &str| self.rules[index].accepts(name);
            (accepts(name) || with_dashes(name).is_some_and(|name| accepts(&name))) && self.model(name) == Some(index)
        };
        let mut forms = Vec::new();
        for (before, between) in [("-", ""), ("@", ""), ("-", "-")] {
            let every_day_of = |year: &u32| {
                ["0115", "0930", "1231"].iter().all(|day| {
                    let (month, day) = day.split_at(2);
                    accepts(&format!("{name}{before}{year}{between}{month}{between}{day}"))
                })
            };
            let years: Vec<u32> = YEARS.filter(every_day_of).collect();
            let shape = |year: &str| (format!("{name}{before}{year}{between}##{between}##"), index);
            if years.len() == YEARS.len() {
                forms.push(shape("####"));
            } else {
                forms.extend(years.iter().map(|year| shape(&year.to_string())));
            }
        }
        forms
    }
}

/// Other spellings of an id: `(name, the same as it stands in calls)`. None is another model's: the rules are asked.
fn spellings_of(id: &str, bedrock: bool) -> Vec<(String, String)> {
    let mut names = vec![id.to_owned()];
    names.extend(id.strip_suffix("-latest").map(str::to_owned));
    for name in names.clone() {
        names.extend(with_dotted_version(&name));
    }
    let mut spellings: Vec<_> = names.into_iter().map(|name| (name.clone(), name)).collect();
    if bedrock {
        let (places, rest) = match id.strip_prefix("global.") {
            Some(rest) => (&["global."][..], rest),
            None => (BEDROCK_PLACES, id.strip_prefix("regional.").unwrap_or(id)),
        };
        let bare = rest.find("-v").filter(|at| rest[at + 2..].starts_with(|c: char| c.is_ascii_digit()));
        let (bare, version) = rest.split_at(bare.unwrap_or(rest.len()));
        for place in places {
            spellings.push((format!("{place}{bare}"), format!("{place}{bare}")));
            spellings.push((format!("{place}{bare}"), format!("{place}{bare}{version}")));
        }
        // What the service itself answers with: `anthropic.claude-opus-5-5` calls itself `claude-opus-5-5`.
        spellings.extend(bare.split_once('.').map(|(_, model)| (model.to_owned(), model.to_owned())));
    }
    spellings
}

/// `claude-opus-5-5` as `claude-opus-5.5`, the form that resellers use.
fn with_dotted_version(name: &str) -> Vec<String> {
    let bytes = name.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between_digits = |at: &usize| bytes[*at] == b'-' && *at > 0 && digit(at - 1) && digit(at + 1);
    (0..bytes.len()).filter(between_digits).map(|at| format!("{}.{}", &name[..at], &name[at + 1..])).collect()
}

/// `model-20260423` as `model-2026-04-23`.
fn with_dashes(name: &str) -> Option<String> {
    let (model, date) = name.rsplit_once('-')?;
    let compact = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
    compact.then(|| format!("{model}-{}-{}-{}", &date[..4], &date[4..6], &date[6..]))
}

/// `model-2026-04-23` as `model-20260423`.
fn without_dashes(name: &str) -> Option<String> {
    let (rest, day) = name.rsplit_once('-')?;
    let (rest, month) = rest.rsplit_once('-')?;
    let (model, year) = rest.rsplit_once('-')?;
    let dated = [(year, 4), (month, 2), (day, 2)]
        .iter()
        .all(|(part, length)| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit()));
    dated.then(|| format!("{model}-{year}{month}{day}"))
}
