//! The list's rules for names of models: which names it accepts for which model.

use fancy_regex::Regex;
use serde_json::Value;

/// One rule. Names given to it are lower-case.
pub(super) enum Rule {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
    Pattern(Box<Regex>),
    Any(Vec<Rule>),
    All(Vec<Rule>),
}

impl Rule {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let single = value.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.iter().next());
        let (key, value) = single.ok_or_else(|| format!("`{value}` is not a rule of one clause"))?;
        let rules = || value.as_array().into_iter().flatten().map(Self::read).collect::<Result<_, _>>();
        let text = || value.as_str().unwrap_or_default().to_lowercase();
        Ok(match key.as_str() {
            "or" => Self::Any(rules()?),
            "and" => Self::All(rules()?),
            "equals" => Self::Equals(text()),
            "starts_with" => Self::StartsWith(text()),
            "ends_with" => Self::EndsWith(text()),
            "contains" => Self::Contains(text()),
            "regex" => {
                let pattern = value.as_str().unwrap_or_default();
                Self::Pattern(Box::new(Regex::new(pattern).map_err(|error| format!("`{pattern}`: {error}"))?))
            }
            _ => return Err(format!("the unknown rule `{key}`")),
        })
    }

    pub(super) fn accepts(&self, name: &str) -> bool {
        match self {
            Self::Equals(text) => name == text,
            Self::StartsWith(text) => name.starts_with(text),
            Self::EndsWith(text) => name.ends_with(text),
            Self::Contains(text) => name.contains(text),
            Self::Pattern(pattern) => pattern.is_match(name).unwrap_or(false),
            Self::Any(rules) => rules.iter().any(|rule| rule.accepts(name)),
            Self::All(rules) => rules.iter().all(|rule| rule.accepts(name)),
        }
    }

    /// The names that the rule spells out.
    pub(super) fn spelled(&self) -> Vec<&str> {
        match self {
            Self::Equals(text) => vec![text],
            Self::Any(rules) => rules.iter().flat_map(Self::spelled).collect(),
            _ => Vec::new(),
        }
    }
}
