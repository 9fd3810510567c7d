//! genai-prices' rules for names of models: which names it accepts for which model.

use regex_lite::Regex;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// One rule, as the list writes it. Names given to it are lower-case.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Rule {
    Equals(#[serde(deserialize_with = "lower_case")] String),
    StartsWith(#[serde(deserialize_with = "lower_case")] String),
    EndsWith(#[serde(deserialize_with = "lower_case")] String),
    Contains(#[serde(deserialize_with = "lower_case")] String),
    Regex(Pattern),
    #[serde(rename = "or")]
    Any(Vec<Rule>),
    #[serde(rename = "and")]
    All(Vec<Rule>),
}

impl Rule {
    pub(crate) fn accepts(&self, name: &str) -> bool {
        match self {
            Self::Equals(text) => name == text,
            Self::StartsWith(text) => name.starts_with(text),
            Self::EndsWith(text) => name.ends_with(text),
            Self::Contains(text) => name.contains(text),
            Self::Regex(pattern) => pattern.accepts(name),
            Self::Any(rules) => rules.iter().any(|rule| rule.accepts(name)),
            Self::All(rules) => rules.iter().all(|rule| rule.accepts(name)),
        }
    }

    /// The names that the rule spells out.
    pub(crate) fn spelled(&self) -> Vec<&str> {
        match self {
            Self::Equals(text) => vec![text],
            Self::Any(rules) => rules.iter().flat_map(Self::spelled).collect(),
            _ => Vec::new(),
        }
    }
}

/// A regular expression. The list begins some with what must not follow, `^(?!…)`, which no engine of linear time has:
/// that part is an expression of its own here.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    not: Option<Regex>,
    matches: Regex,
}

impl Pattern {
    fn new(text: &str) -> Result<Self, regex_lite::Error> {
        let split = text.strip_prefix("^(?!").and_then(|rest| Some(rest.split_at(closing(rest)?)));
        let Some((not, rest)) = split else { return Ok(Self { not: None, matches: Regex::new(text)? }) };
        Ok(Self { not: Some(Regex::new(&format!("^(?:{not})"))?), matches: Regex::new(&format!("^{}", &rest[1..]))? })
    }

    fn accepts(&self, name: &str) -> bool {
        !self.not.as_ref().is_some_and(|not| not.is_match(name)) && self.matches.is_match(name)
    }
}

/// Where the parenthesis closes that was opened before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' => drop(bytes.next()),
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).map_err(|error| D::Error::custom(format!("the pattern `{text}`: {error}")))
    }
}

fn lower_case<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Rule {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_rule_accepts_what_its_clauses_accept() {
        let rule = rule(
            r#"{"or": [{"equals": "Claude-5"}, {"and": [{"starts_with": "gpt"}, {"ends_with": "x"}]}, {"regex": "^o\\d$"}]}"#,
        );
        for (name, accepted) in [("claude-5", true), ("gpt-5x", true), ("gpt-5", false), ("o3", true), ("xo3", false)] {
            assert_eq!(rule.accepts(name), accepted, "{name}");
        }
        assert_eq!(rule.spelled(), ["claude-5"]);
    }

    #[test]
    fn what_must_not_follow_is_looked_at() {
        let no_speech = rule(r#"{"regex": "^(?!.*-tts(?:$|-))"}"#);
        assert!(no_speech.accepts("gemini-2.5-pro"));
        assert!(!no_speech.accepts("gemini-2.5-pro-tts") && !no_speech.accepts("gemini-tts-2"));
        let own = rule(r#"{"regex": "^(?![^/]+/)(?:labs-)?mistral"}"#);
        assert!(own.accepts("labs-mistral-7b") && !own.accepts("other/mistral-7b") && !own.accepts("x"));
    }

    #[test]
    fn a_rule_that_is_not_understood_is_refused() {
        for wrong in [r#"{"like": "x"}"#, r#"{"regex": "("}"#, r#"{"equals": 5}"#, "[]"] {
            assert!(serde_json::from_str::<Rule>(wrong).is_err(), "{wrong}");
        }
    }
}
